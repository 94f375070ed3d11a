import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const installed = [
  join('/var/lib', 'slipway-backup-tools'),
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway-backup-tools'),
].map((prefix) => join(prefix, 'bin'))

function isComplete(folder: string): boolean {
  return ['age', 'age-keygen', 'rclone', 'pgbackrest', '../s3'].every((name) =>
    existsSync(join(folder, name)),
  )
}

function find(): string | undefined {
  const named = process.env['TEST_BACKUP_BIN']
  if (named !== undefined && named !== '' && !isComplete(named)) {
    throw new Error(
      `TEST_BACKUP_BIN: expected a folder that test/kit/support/install-backup-tools.sh made (got ${named})`,
    )
  }
  return [named ?? '', ...installed].find(isComplete)
}

/**
 * Folder of age, age-keygen, rclone and pgbackrest, with the S3 server beside it. CI must have them; elsewhere one line
 * says what is missing.
 */
export const backupTools = find()

if (backupTools === undefined) {
  if (process.env['CI'] === 'true')
    throw new Error('CI needs age: run test/kit/support/install-backup-tools.sh')
  process.stdout.write(
    'tests of encryption and off-site copies left out: age is missing (test/kit/support/install-backup-tools.sh brings it)\n',
  )
}
