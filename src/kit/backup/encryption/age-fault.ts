import { BackupError } from '../backup-error.ts'
import type { MissingProgram } from '../../host/spawn-program.ts'

export const missingAge = (err: MissingProgram): BackupError =>
  new BackupError('key', err.message, 'age is in the image of the backup: make up builds it', err)

/** What age says about keys; everything else is about the file. */
const aboutKeys =
  /no identity matched|malformed secret key|no secret keys found|failed to read "|unknown identity/

/** How age's refusal to open a file reads; its own words name no content. */
export const decryptFault = (file: string, ending: string, stderr: string): BackupError => {
  // Whoever was killed has said nothing of the file.
  if (!ending.startsWith('exit code')) {
    const hint = 'try again; had the service memory left? docker inspect says whether it was ended for it'
    return new BackupError('failed', `age was ended by ${ending} while it read ${file}`, hint)
  }
  const said = /age: error: (.*)/.exec(stderr)?.[1] ?? ending
  return aboutKeys.test(stderr)
    ? new BackupError(
        'key',
        `the key does not open ${file}: ${said}`,
        'it was encrypted for other recipients: find the key that belongs to one of those in its manifest',
      )
    : new BackupError(
        'verification_failed',
        `${file} cannot be decrypted: ${said}`,
        'it was changed or cut: use another backup: make backups',
      )
}

/** How age's, or cat's, failure to write a file reads. A full disk is told by the code that the file system has for it. */
export const encryptFault = (ending: string, stderr: string): Error => {
  if (/no space left on device|disk quota exceeded/i.test(stderr))
    return Object.assign(new Error('a program found the disk full'), { code: 'ENOSPC' })
  const said = /^(?:age|cat): (?:error: )?(.*)/m.exec(stderr)?.[1] ?? ending
  return new BackupError('key', `age did not encrypt: ${said}`, 'look at the recipients of the backups')
}
