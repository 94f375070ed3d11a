import { readFile } from 'node:fs/promises'
import { CommandError } from '../../errors.ts'

export interface EncryptionSettings {
  /** Off is the only way to a backup that anybody can read. */
  isOn: boolean
  /** One public key a line: the host's and the recovery key's. */
  recipientsFile: string
  /** The host's own key, so that backups can be checked and drilled. */
  identityFile: string
  /** Where age is found. */
  searchPath: string
}

const readLines = async (file: string): Promise<string[]> => {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim())
    return lines.filter((line) => line !== '' && !line.startsWith('#'))
  } catch {
    return []
  }
}

const makeKeys =
  'make up makes the keys (ops/backup-keys.sh); BACKUP_ENCRYPTION=off for backups that anybody can read'

/** Public keys for whom backups are encrypted; null when encryption is switched off. */
export const readRecipients = async (settings: EncryptionSettings): Promise<string[] | null> => {
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

/** Text of the host's identity. */
export const readIdentity = async ({ identityFile }: EncryptionSettings): Promise<string> => {
  const lines = await readLines(identityFile)
  if (lines.length > 0) return `${lines.join('\n')}\n`
  throw new CommandError('key', `${identityFile} holds no key to decrypt with`, {
    hint: 'put the age identity of this host back, or open the backup by hand with the recovery key: docs/how-to/backup-and-restore.md',
  })
}
