import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { postgresTools } from '../backup/postgres-tools.ts'

const installed = [
  '/var/lib/slipway-backup-tools/bin',
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway-backup-tools', 'bin'),
]

function isComplete(folder: string): boolean {
  return ['pgbackrest', 'rclone'].every((program) => existsSync(join(folder, program)))
}

function find(): string | undefined {
  const named = process.env['TEST_BACKUP_BIN']
  if (named !== undefined && named !== '' && !isComplete(named)) {
    throw new Error(`TEST_BACKUP_BIN: expected a folder with pgbackrest and rclone (got ${named})`)
  }
  return [named ?? '', ...installed].find(isComplete)
}

const engine = find()

/** Folders of the server's programs and of pgBackRest; undefined where one of the two is missing. */
export const continuousTools =
  engine === undefined || postgresTools === undefined ? undefined : { server: postgresTools, engine }

if (continuousTools === undefined) {
  if (process.env['CI'] === 'true') {
    throw new Error('CI needs pgbackrest: run test/kit/support/install-backup-tools.sh')
  }
  process.stdout.write(
    'continuous archiving tests left out: pgbackrest is missing (test/kit/support/install-backup-tools.sh brings it)\n',
  )
}
