import { takeAdvisoryLock } from '../../postgres/try-advisory-lock.ts'
import { readIdentity, readRecipients } from '../encryption/encryption-settings.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import type { KeepCounts } from './choose-expired.ts'
import { pruneBackups } from './prune-backups.ts'
import { withSession } from '../../postgres/session.ts'
import type { Manifest } from './manifest.ts'
import { sweepPartials } from './partial-backup.ts'
import { writeBackup, type WriteRequest, type WriteSettings } from './write-backup.ts'

export interface BackupSettings extends WriteSettings {
  keep: KeepCounts
}

export type BackupRequest = Omit<WriteRequest, 'recipients'>

export interface CreatedBackup {
  manifest: Manifest
  pruned: string[]
}

/**
 * Locks the folder, dumps one snapshot, verifies it by reading it back, then renames it into place. Throws
 * CommandError; on failure the folder is unchanged.
 */
export async function createBackup(settings: BackupSettings, request: BackupRequest): Promise<CreatedBackup> {
  const recipients = await readRecipients(settings.encryption)
  // Fail before the dump when the read-back would lack its key.
  if (recipients !== null) await readIdentity(settings.encryption)
  const lock = await lockFolder(settings.backupsFolder, 'backup')
  try {
    await sweepPartials(settings.backupsFolder)
    const manifest = await withSession(
      { settings: settings.database, lockTimeoutMs: settings.lockTimeoutMs, signal: request.signal },
      async (session) => {
        await takeAdvisoryLock(session)
        return writeBackup(settings, { ...request, recipients }, session)
      },
    )
    const pruned = await pruneBackups({
      backupsFolder: settings.backupsFolder,
      keep: settings.keep,
      now: new Date(),
      justRead: manifest.name,
    })
    return { manifest, pruned }
  } finally {
    await lock.release()
  }
}
