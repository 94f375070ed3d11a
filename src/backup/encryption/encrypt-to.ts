import type { Readable } from 'node:stream'
import { BackupError } from '../backup-error.ts'
import { joinProgram, MissingProgram } from '../join-program.ts'
import { missingAge } from './age-fault.ts'

/** What comes out of `plain` goes through age to `consume`; resolves only when age read all of it and ended well. */
export const encryptTo = async <T>(
  plain: Readable,
  { recipients, searchPath }: { recipients: string[]; searchPath: string },
  consume: (encrypted: Readable) => Promise<T>,
): Promise<T> => {
  const args = ['--encrypt', ...recipients.flatMap((recipient) => ['--recipient', recipient])]
  const { made, ending, stderr, fed } = await joinProgram(
    { command: 'age', args, environment: { PATH: searchPath }, input: plain },
    consume,
  ).catch((err: unknown) => {
    throw err instanceof MissingProgram ? missingAge(err) : err
  })
  if (ending === 'exit code 0' && fed === 'whole') return made
  const said = /age: error: (.*)/.exec(stderr)?.[1] ?? ending
  throw new BackupError('key', `age did not encrypt: ${said}`, 'look at the recipients of the backups')
}
