import { listStoredBackups, type StoredBackup } from './stored-backup.ts'
import { readFailedDrill } from './failed-drill.ts'
import { readProof } from './read-proof.ts'

/** Catalogs of which a drill has restored one backup. */
export async function provenSchemas(stored: StoredBackup[]): Promise<Set<string>> {
  const hashes = await Promise.all(
    stored.map(async ({ folder, manifest }) =>
      (await readProof(folder)) === undefined ? null : (manifest?.catalogHash ?? null),
    ),
  )
  return new Set(hashes.filter((hash) => hash !== null))
}

/** Backups of earlier formats do not say of which catalog they are. */
export function isSchemaProven({ manifest }: StoredBackup, proven: Set<string>): boolean {
  return manifest?.catalogHash == null || proven.has(manifest.catalogHash)
}

/** Whether the newest backup is the first one of a changed schema, and no drill has said yet whether it restores. */
export async function isNewestUndrilled(backupsFolder: string): Promise<boolean> {
  const stored = await listStoredBackups(backupsFolder)
  const newest = stored.find(({ fault }) => fault === undefined)
  if (newest === undefined || isSchemaProven(newest, await provenSchemas(stored))) return false
  return (await readFailedDrill(newest.folder)) === undefined
}
