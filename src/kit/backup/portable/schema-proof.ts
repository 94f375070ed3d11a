import { listStoredBackups, type StoredBackup } from './stored-backup.ts'
import { readFailedDrill } from './failed-drill.ts'
import { readProof } from './read-proof.ts'

/** Returns the catalog hashes of all backups that a drill has restored. */
export async function provenSchemas(stored: StoredBackup[]): Promise<Set<string>> {
  const hashes = await Promise.all(
    stored.map(async ({ folder, manifest }) =>
      (await readProof(folder)) === undefined ? null : (manifest?.catalogHash ?? null),
    ),
  )
  return new Set(hashes.filter((hash) => hash !== null))
}

/**
 * Returns true when a drill has restored a backup of the same schema, and for formats without a catalog
 * hash.
 */
export function isSchemaProven({ manifest }: StoredBackup, proven: Set<string>): boolean {
  return manifest?.catalogHash == null || proven.has(manifest.catalogHash)
}

/** Returns true when the newest backup is the first with a changed schema and no drill has tried it yet. */
export async function isNewestUndrilled(backupsFolder: string): Promise<boolean> {
  const stored = await listStoredBackups(backupsFolder)
  const newest = stored.find(({ fault }) => fault === undefined)
  if (newest === undefined || isSchemaProven(newest, await provenSchemas(stored))) return false
  return (await readFailedDrill(newest.folder)) === undefined
}
