import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../../host/durable-file.ts'
import { readFailedDrill } from './failed-drill.ts'
import { isSchemaProven, provenSchemas } from './schema-proof.ts'
import { readProof } from './read-proof.ts'
import { partialSuffix, timeOfName } from './backup-name.ts'
import { readBack } from './read-back.ts'
import { scanBackups, type StoredBackup } from './stored-backup.ts'
import { chooseExpired, type Candidate, type KeepCounts } from './choose-expired.ts'

interface Pruning {
  backupsFolder: string
  keep: KeepCounts
  now: Date
  /** Name of the backup that was just made and read back. */
  justRead?: string
}

/** A backup that does not restore, or of whose schema no drill has restored one yet, pushes out none that is proven. */
async function isCounted(backup: StoredBackup, proven: Set<string>): Promise<boolean> {
  return (
    (proven.size === 0 || isSchemaProven(backup, proven)) &&
    (await readFailedDrill(backup.folder)) === undefined
  )
}

async function candidateOf(
  backup: StoredBackup,
  verified: Set<string>,
  proven: Set<string>,
): Promise<Candidate> {
  return {
    name: backup.name,
    createdAt: backup.manifest === undefined ? timeOfName(backup.name) : new Date(backup.manifest.createdAt),
    reason: backup.manifest?.reason ?? 'scheduled',
    isVerified: verified.has(backup.name) && (await isCounted(backup, proven)),
    isProven: (await readProof(backup.folder)) !== undefined,
  }
}

/** Under a partial name first, so that a kill in the middle leaves nothing that looks like a backup. */
async function removeBackup(backupsFolder: string, name: string): Promise<void> {
  const aside = join(backupsFolder, `${name}${partialSuffix}`)
  await rename(join(backupsFolder, name), aside)
  await rm(aside, { recursive: true })
}

/** Called after a backup that succeeded and never otherwise. Returns the names that are gone. */
export async function pruneBackups(pruning: Pruning): Promise<string[]> {
  const { backupsFolder, keep, now, justRead } = pruning
  const stored = await scanBackups(backupsFolder)
  const verified = await readBack(backupsFolder, stored, { now, justRead })
  const proven = await provenSchemas(stored)
  const candidates = await Promise.all(stored.map((backup) => candidateOf(backup, verified, proven)))
  const expired = chooseExpired(candidates, keep, now).map(({ name }) => name)
  for (const name of expired) await removeBackup(backupsFolder, name)
  await syncFolder(backupsFolder)
  return expired
}
