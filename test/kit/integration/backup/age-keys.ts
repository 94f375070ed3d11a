import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface AgeKey {
  identity: string
  recipient: string
}

export function createAgeKey(tools: string): AgeKey {
  const printed = execFileSync(join(tools, 'age-keygen'), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const identity = /^AGE-SECRET-KEY-\w+$/m.exec(printed)?.[0] ?? ''
  return { identity, recipient: /^# public key: (age1\w+)$/m.exec(printed)?.[1] ?? '' }
}

/** Settings that encrypt for a host and a recovery key, whose files are in `folder`. */
export async function encryptFor(
  folder: string,
  host: AgeKey,
  recovery: AgeKey,
): Promise<Record<string, string>> {
  const [identityFile, recipientsFile] = [join(folder, 'age_identity'), join(folder, 'age_recipients')]
  await writeFile(identityFile, `# the key of this host\n${host.identity}\n`, { mode: 0o600 })
  await writeFile(recipientsFile, `${host.recipient}\n${recovery.recipient}\n`)
  return {
    BACKUP_ENCRYPTION: 'on',
    BACKUP_AGE_IDENTITY_FILE: identityFile,
    BACKUP_AGE_RECIPIENTS_FILE: recipientsFile,
  }
}
