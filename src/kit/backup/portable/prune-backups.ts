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
  /** Name of the backup that was just created and verified. */
  justRead?: string
}

/**
 * Returns false for a backup that a drill could not restore, and for an unproven schema while a proven one
 * exists: such a backup must not push out a proven one.
 */
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

/** Renames the backup to a partial name first, so that a killed removal leaves no complete-looking backup. */
async function removeBackup(backupsFolder: string, name: string): Promise<void> {
  const aside = join(backupsFolder, `${name}${partialSuffix}`)
  await rename(join(backupsFolder, name), aside)
  await rm(aside, { recursive: true })
}

/** Removes expired backups and returns their names. Call it only after a successful backup. */
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
