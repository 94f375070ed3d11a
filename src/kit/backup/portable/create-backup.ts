import type { DatabaseSettings } from '../../postgres/postgres-options.ts'
import { takeAdvisoryLock } from '../../postgres/try-advisory-lock.ts'
import { readIdentity, readRecipients, type EncryptionSettings } from '../encryption/encryption-settings.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { Programs } from '../../host/run-program.ts'
import type { KeepCounts } from './choose-expired.ts'
import { pruneBackups } from './prune-backups.ts'
import { withSession } from '../../postgres/session.ts'
import type { BackupReason, Manifest } from './manifest.ts'
import { sweepPartials } from './partial-backup.ts'
import { writeBackup } from './write-backup.ts'

export interface BackupSettings {
  database: DatabaseSettings
  backupsFolder: string
  programs: Programs
  slipwayVersion: string
  encryption: EncryptionSettings
  lockTimeoutMs: number
  /** For the hashes of the rows; what is beyond is sampled. */
  hashBudgetMs: number
  keep: KeepCounts
  /** Where somebody looks on. */
  progress?: OpenProgress | undefined
}

export interface BackupRequest {
  reason: BackupReason
  signal?: AbortSignal
}

export interface CreatedBackup {
  manifest: Manifest
  pruned: string[]
}

/** One dump that counts: locked, in one snapshot, read back, named last. Any fault leaves the folder as it was and throws. */
export const createBackup = async (
  settings: BackupSettings,
  request: BackupRequest,
): Promise<CreatedBackup> => {
  const recipients = await readRecipients(settings.encryption)
  // What cannot be read back afterwards is not begun.
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
