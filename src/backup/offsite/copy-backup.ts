import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile } from '../hash-file.ts'
import { checksumsFileName } from '../portable/checksums.ts'
import { manifestFileName, type Manifest } from '../portable/manifest.ts'
import type { StoredBackup } from '../portable/stored-backup.ts'
import { verifyChecksums } from '../portable/verify-backup.ts'
import { DamagedCopy } from './damaged-copy.ts'
import { pathOf, removeCopy, type Copy } from './list-copies.ts'
import { writeOffsiteNote } from './offsite-note.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { readBackCopy } from './read-back-copy.ts'
import { uploadFile } from './storage.ts'

export interface Copying {
  /** What the storage holds under its name already. */
  there: Copy | undefined
  signal?: AbortSignal | undefined
}

/** The manifest last: it is what makes a copy look whole. */
const sizesInOrder = async (folder: string, { files }: Manifest): Promise<Map<string, number>> => {
  const names = [...files.map(({ file }) => file), checksumsFileName, manifestFileName]
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return new Map(names.map((name, index) => [name, sizes[index] ?? 0]))
}

/** Files that are there with their size were sent by a run that was cut off; whether they are right shows the read-back. */
const upload = async (
  settings: OffsiteSettings,
  { name, folder }: StoredBackup,
  files: Map<string, number>,
  { there, signal }: Copying,
): Promise<void> => {
  const isThere = ([file, size]: [string, number]): boolean => there?.files.get(file) === size
  const missing = [...files].filter((file) => !isThere(file)).map(([file]) => file)
  // Not beneath a manifest that is there already.
  if (there?.isWhole === true && missing.length > 0) {
    await removeCopy(settings, name, signal)
    missing.splice(0, Infinity, ...files.keys())
  }
  for (const file of missing) await uploadFile(settings, join(folder, file), pathOf(name, file), signal)
}

/** Nothing that is not what was sent stays there and looks like a copy. */
const compareOrRemove = async (
  settings: OffsiteSettings,
  name: string,
  own: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  try {
    const { manifestSha256 } = await readBackCopy(settings, name, signal)
    if (manifestSha256 !== own) throw new DamagedCopy(name, 'it is that of another backup')
  } catch (err) {
    if (err instanceof DamagedCopy) await removeCopy(settings, name, signal)
    throw err
  }
}

/** Sends a backup, downloads every byte again and compares, and only then notes beside it that there is a copy. */
export const copyBackup = async (
  settings: OffsiteSettings,
  backup: StoredBackup,
  { there, signal }: Copying,
): Promise<Manifest> => {
  const { name, folder } = backup
  const manifest = await verifyChecksums(backup)
  const own = (await hashFile(join(folder, manifestFileName))).sha256
  await upload(settings, backup, await sizesInOrder(folder, manifest), { there, signal })
  await compareOrRemove(settings, name, own, signal)
  await writeOffsiteNote(folder, settings, own)
  return manifest
}
