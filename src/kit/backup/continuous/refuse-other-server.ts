import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CommandError } from '../../errors.ts'
import type { ContinuousSettings } from './continuous-settings.ts'
import type { BaseBackup } from './read-repository.ts'

const run = promisify(execFile)

/** Throws CommandError when the base backup is of another PostgreSQL major: its data files are incompatible. */
export async function refuseOtherServer(
  { serverPrograms, searchPath }: ContinuousSettings,
  { serverMajor }: BaseBackup,
): Promise<void> {
  const program = serverPrograms === '' ? 'postgres' : join(serverPrograms, 'postgres')
  const { stdout } = await run(program, ['--version'], { env: { PATH: searchPath } })
  const major = Number(/(\d+)/.exec(stdout)?.[1])
  if (major === serverMajor) return
  throw new CommandError(
    'version_mismatch',
    `the base backup is of PostgreSQL ${serverMajor}, and this image has ${major}`,
    {
      hint: `set POSTGRES_VERSION and POSTGRES_IMAGE in .env to ${serverMajor} for the restore, or use a portable backup: make backups`,
    },
  )
}
