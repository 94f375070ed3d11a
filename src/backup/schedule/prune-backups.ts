import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { partialSuffix, timeOfName } from '../portable/backup-name.ts'
import { syncFolder } from '../durable-file.ts'
import { listStoredBackups, type StoredBackup } from '../portable/stored-backup.ts'
import { verifyChecksums } from '../portable/verify-backup.ts'
import { readProof } from '../drill/read-proof.ts'
import { chooseExpired, type Candidate, type KeepCounts } from './choose-expired.ts'

const isIntact = async (backup: StoredBackup): Promise<boolean> => {
  try {
    await verifyChecksums(backup)
    return true
  } catch {
    return false
  }
}

const candidateOf = async (backup: StoredBackup): Promise<Candidate> => ({
  name: backup.name,
  createdAt: backup.manifest === undefined ? timeOfName(backup.name) : new Date(backup.manifest.createdAt),
  reason: 'scheduled',
  isVerified: await isIntact(backup),
  isProven: (await readProof(backup.folder)) !== undefined,
})

/** Under a partial name first, so that a kill in the middle leaves nothing that looks like a backup. */
const removeBackup = async (backupsFolder: string, name: string): Promise<void> => {
  const aside = join(backupsFolder, `${name}${partialSuffix}`)
  await rename(join(backupsFolder, name), aside)
  await rm(aside, { recursive: true })
}

/** Called after a backup that succeeded and never otherwise. Returns the names that are gone. */
export const pruneBackups = async (
  backupsFolder: string,
  keep: KeepCounts,
  now = new Date(),
): Promise<string[]> => {
  const candidates: Candidate[] = []
  for (const backup of await listStoredBackups(backupsFolder)) candidates.push(await candidateOf(backup))
  const expired = chooseExpired(candidates, keep, now)
  for (const { name } of expired) await removeBackup(backupsFolder, name)
  await syncFolder(backupsFolder)
  return expired.map(({ name }) => name)
}
