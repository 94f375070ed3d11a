import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../durable-file.ts'
import { readProof } from '../drill/read-proof.ts'
import { partialSuffix, timeOfName } from '../portable/backup-name.ts'
import { readBack } from '../portable/read-back.ts'
import { scanBackups, type StoredBackup } from '../portable/stored-backup.ts'
import { chooseExpired, type Candidate, type KeepCounts } from './choose-expired.ts'

interface Pruning {
  backupsFolder: string
  keep: KeepCounts
  now: Date
  /** Name of the backup that was just made and read back. */
  justRead?: string
}

const candidateOf = async (backup: StoredBackup, verified: Set<string>): Promise<Candidate> => ({
  name: backup.name,
  createdAt: backup.manifest === undefined ? timeOfName(backup.name) : new Date(backup.manifest.createdAt),
  reason: backup.manifest?.reason ?? 'scheduled',
  isVerified: verified.has(backup.name),
  isProven: (await readProof(backup.folder)) !== undefined,
})

/** Under a partial name first, so that a kill in the middle leaves nothing that looks like a backup. */
const removeBackup = async (backupsFolder: string, name: string): Promise<void> => {
  const aside = join(backupsFolder, `${name}${partialSuffix}`)
  await rename(join(backupsFolder, name), aside)
  await rm(aside, { recursive: true })
}

/** Called after a backup that succeeded and never otherwise. Returns the names that are gone. */
export const pruneBackups = async (pruning: Pruning): Promise<string[]> => {
  const { backupsFolder, keep, now, justRead } = pruning
  const stored = await scanBackups(backupsFolder)
  const verified = await readBack(backupsFolder, stored, { now, justRead })
  const candidates = await Promise.all(stored.map((backup) => candidateOf(backup, verified)))
  const expired = chooseExpired(candidates, keep, now).map(({ name }) => name)
  for (const name of expired) await removeBackup(backupsFolder, name)
  await syncFolder(backupsFolder)
  return expired
}
