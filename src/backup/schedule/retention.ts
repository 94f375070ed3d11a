import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { partialSuffix } from '../portable/backup-name.ts'
import { syncFolder } from '../durable-file.ts'
import { listStoredBackups, type StoredBackup } from '../portable/stored-backup.ts'
import { verifyChecksums } from '../portable/verify-backup.ts'

const isIntact = async (backup: StoredBackup): Promise<boolean> => {
  try {
    await verifyChecksums(backup)
    return true
  } catch {
    return false
  }
}

/**
 * Whatever is older than the `keep` newest intact ones. Damaged ones are neither counted nor deleted: a person has to see them.
 * `newestFirst` is read again from the disk only as far as needed.
 */
export const chooseExpired = async (newestFirst: StoredBackup[], keep: number): Promise<StoredBackup[]> => {
  const intact: StoredBackup[] = []
  for (const backup of newestFirst) if (await isIntact(backup)) intact.push(backup)
  return intact.slice(Math.max(keep, 1))
}

/** Under a partial name first, so that a kill in the middle leaves nothing that looks like a backup. */
const removeBackup = async (backupsFolder: string, { name, folder }: StoredBackup): Promise<void> => {
  const aside = join(backupsFolder, `${name}${partialSuffix}`)
  await rename(folder, aside)
  await rm(aside, { recursive: true })
}

/** Called after a backup that succeeded and never otherwise. Returns the names that are gone. */
export const pruneBackups = async (backupsFolder: string, keep: number): Promise<string[]> => {
  const stored = await listStoredBackups(backupsFolder)
  if (stored.length <= keep) return []
  const expired = await chooseExpired(stored, keep)
  for (const backup of expired) await removeBackup(backupsFolder, backup)
  await syncFolder(backupsFolder)
  return expired.map(({ name }) => name)
}
