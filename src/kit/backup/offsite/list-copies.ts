import { isBackupName, timeOfName } from '../portable/backup-name.ts'
import { checksumsFileName } from '../portable/checksums.ts'
import { manifestFileName } from '../portable/manifest.ts'
import { proofFileName } from '../portable/read-proof.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { listObjects, removeObject } from './storage.ts'

/** Folder of the portable backups on the storage. */
export const copiesFolder = 'portable'
/** Folder of pgBackRest on the storage, the same as in ops/postgres/archive-config.sh. */
export const archiveFolder = 'continuous'

export function pathOf(name: string, file: string): string {
  return `${copiesFolder}/${name}/${file}`
}

export interface Copy {
  name: string
  createdAt: Date
  /** Size in bytes by file name. */
  files: Map<string, number>
  /**
   * True when the manifest exists. It is uploaded last and removed first, so a copy without it is
   * incomplete.
   */
  isWhole: boolean
}

function copyOf(name: string, files: Map<string, number>): Copy {
  return {
    name,
    createdAt: timeOfName(name),
    files,
    isWhole: files.has(manifestFileName) && files.has(checksumsFileName),
  }
}

/** Lists the copies on the storage, newest first. */
export async function listCopies(settings: OffsiteSettings, signal?: AbortSignal): Promise<Copy[]> {
  const byName = new Map<string, Map<string, number>>()
  for (const { path, bytes } of await listObjects(settings, copiesFolder, signal)) {
    const [name = '', ...rest] = path.split('/')
    if (!isBackupName(name)) continue
    const files = byName.get(name) ?? new Map<string, number>()
    byName.set(name, files.set(rest.join('/'), bytes))
  }
  return [...byName].map(([name, files]) => copyOf(name, files)).sort((a, b) => (a.name < b.name ? 1 : -1))
}

export function isProvenCopy({ files }: Copy): boolean {
  return files.has(proofFileName)
}

/** Removes a copy. Removes the manifest first, so that an interrupted removal leaves no complete copy. */
export async function removeCopy(
  settings: OffsiteSettings,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  const found = (await listObjects(settings, `${copiesFolder}/${name}`, signal)).map(({ path }) => path)
  const isManifest = (file: string): boolean => file === manifestFileName
  const inOrder = [...found.filter(isManifest), ...found.filter((file) => !isManifest(file))]
  for (const file of inOrder) await removeObject(settings, pathOf(name, file), signal)
}
