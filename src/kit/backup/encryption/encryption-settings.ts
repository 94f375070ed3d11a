import { readFile } from 'node:fs/promises'
import { CommandError } from '../../errors.ts'

export interface EncryptionSettings {
  /** Off means that backups are written as plaintext. */
  isOn: boolean
  /** Public keys, one per line: the host key and the recovery key. */
  recipientsFile: string
  /** Identity of the host, for verification and drills. */
  identityFile: string
  /** Search path that contains age. */
  searchPath: string
}

async function readLines(file: string): Promise<string[]> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim())
    return lines.filter((line) => line !== '' && !line.startsWith('#'))
  } catch {
    return []
  }
}

const makeKeys =
  'make up makes the keys (ops/backup-keys.sh); BACKUP_ENCRYPTION=off for backups that anybody can read'

/** Reads the public keys that encrypt backups. Returns null with encryption off. Throws CommandError `key`. */
export async function readRecipients(settings: EncryptionSettings): Promise<string[] | null> {
  if (!settings.isOn) return null
  const recipients = await readLines(settings.recipientsFile)
  if (recipients.length === 0)
    throw new CommandError('key', `${settings.recipientsFile} names no recipient to encrypt for`, {
      hint: makeKeys,
    })
  const odd = recipients.filter((recipient) => !/^age1[02-9ac-hj-np-z]{58}$/.test(recipient))
  if (odd.length === 0) return recipients
  throw new CommandError('key', `${settings.recipientsFile} holds a line that is no public key of age`, {
    hint: 'one public key a line, each of which begins with age1',
  })
}

/** Reads the identity of the host as text. Throws CommandError `key`. */
export async function readIdentity({ identityFile }: EncryptionSettings): Promise<string> {
  const lines = await readLines(identityFile)
  if (lines.length > 0) return `${lines.join('\n')}\n`
  throw new CommandError('key', `${identityFile} holds no key to decrypt with`, {
    hint: 'put the age identity of this host back, or open the backup by hand with the recovery key: docs/how-to/backup-and-restore.md',
  })
}
