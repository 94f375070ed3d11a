import { CommandError } from '../../errors.ts'
import type { MissingProgram } from '../../host/spawn-program.ts'

export function missingAge(err: MissingProgram): CommandError {
  return new CommandError('key', err.message, {
    hint: 'age is in the image of the backup: make up builds it',
    cause: err,
  })
}

/** Messages of age about keys. All other messages are about the file. */
const aboutKeys =
  /no identity matched|malformed secret key|no secret keys found|failed to read "|unknown identity/

/** Converts a failed decryption to a CommandError. age's messages contain no content of the file. */
export function decryptFault(file: string, ending: string, stderr: string): CommandError {
  // A signal killed age; that says nothing about the file.
  if (!ending.startsWith('exit code')) {
    const hint = 'try again; had the service memory left? docker inspect says whether it was ended for it'
    return new CommandError('failed', `age was ended by ${ending} while it read ${file}`, { hint })
  }
  const said = /age: error: (.*)/.exec(stderr)?.[1] ?? ending
  return aboutKeys.test(stderr)
    ? new CommandError('key', `the key does not open ${file}: ${said}`, {
        hint: 'it was encrypted for other recipients: find the key that belongs to one of those in its manifest',
      })
    : new CommandError('verification_failed', `${file} cannot be decrypted: ${said}`, {
        hint: 'it was changed or cut: use another backup: make backups',
      })
}

/** Converts a failed encryption to an Error. A full disk gets the file system's code ENOSPC. */
export function encryptFault(ending: string, stderr: string): Error {
  if (/no space left on device|disk quota exceeded/i.test(stderr))
    return Object.assign(new Error('a program found the disk full'), { code: 'ENOSPC' })
  const said = /^(?:age|cat): (?:error: )?(.*)/m.exec(stderr)?.[1] ?? ending
  return new CommandError('key', `age did not encrypt: ${said}`, {
    hint: 'look at the recipients of the backups',
  })
}
