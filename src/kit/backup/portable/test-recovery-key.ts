import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { CommandError } from '../../errors.ts'
import { findBackup } from './find-backup.ts'
import { openDump, openGlobals, type DumpKeys } from './open-dump.ts'
import type { StoredBackup } from './stored-backup.ts'
import { verifyChecksums } from './verify-backup.ts'
import { readIdentity, type EncryptionSettings } from '../encryption/encryption-settings.ts'
import { publicKeyOf } from '../encryption/public-key-of.ts'
import { writeKeyTest, type KeyTest } from '../encryption/key-test-state.ts'

const printedOnce =
  'it was printed once, when the keys were made; without it, make new keys: docs/how-to/backup-and-restore.md'

async function refuseOwnKey(recipient: string, encryption: EncryptionSettings): Promise<void> {
  const own = await publicKeyOf(await readIdentity(encryption), encryption.searchPath)
  if (recipient !== own) return
  throw new CommandError('key', 'this is the key of the host itself, and not the recovery key', {
    hint: printedOnce,
  })
}

function refuseOtherRecipients({ name, manifest }: StoredBackup, recipient: string): void {
  if (manifest?.encryption == null) {
    const hint = 'BACKUP_ENCRYPTION=on, then: make backup'
    throw new CommandError('refused', `backup ${name} is not encrypted: there is no key to test`, { hint })
  }
  if (manifest.encryption.recipients.includes(recipient)) return
  throw new CommandError('key', `backup ${name} was encrypted for other keys than this one`, {
    hint: printedOnce,
  })
}

/** Reads the stream to its end: it fails when a byte differs from the backup. */
function readWhole(content: Readable): Promise<void> {
  return finished(content.resume())
}

/**
 * Decrypts the newest backup completely with the recovery key alone, and saves the time. Throws
 * CommandError.
 */
export async function testRecoveryKey(
  backupsFolder: string,
  encryption: EncryptionSettings,
  identity: string,
): Promise<KeyTest> {
  const recipient = await publicKeyOf(identity, encryption.searchPath)
  await refuseOwnKey(recipient, encryption)
  const backup = await findBackup(backupsFolder, 'latest')
  refuseOtherRecipients(backup, recipient)
  const manifest = await verifyChecksums(backup)
  const keys: DumpKeys = {
    readIdentity: () => Promise.resolve(identity),
    searchPath: encryption.searchPath,
  }
  await readWhole(await openDump(backup, keys))
  if (manifest.globals !== null) await readWhole(await openGlobals(backup, keys))
  const test = { testedAt: new Date().toISOString(), backup: backup.name, recipient }
  await writeKeyTest(backupsFolder, test)
  return test
}
