import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile } from '../../host/hash-file.ts'
import { checksumsFileName } from '../portable/checksums.ts'
import { bytesOf, manifestFileName, type Manifest } from '../portable/manifest.ts'
import type { StoredBackup } from '../portable/stored-backup.ts'
import { verifyChecksums } from '../portable/verify-backup.ts'
import type { OpenProgress } from '../../host/progress.ts'
import { DamagedCopy } from './damaged-copy.ts'
import { pathOf, removeCopy, type Copy } from './list-copies.ts'
import { writeOffsiteNote } from './offsite-note.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { readBackCopy } from './read-back-copy.ts'
import { uploadFile, type Transfer } from './storage.ts'

export interface Copying {
  /** Files already on the storage under this name. */
  there: Copy | undefined
  signal?: AbortSignal | undefined
  progress?: OpenProgress | undefined
}

/** Returns the file sizes in upload order. The manifest is last: a copy counts as complete once it exists. */
async function sizesInOrder(folder: string, { files }: Manifest): Promise<Map<string, number>> {
  const names = [...files.map(({ file }) => file), checksumsFileName, manifestFileName]
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
  return new Map(names.map((name, index) => [name, sizes[index] ?? 0]))
}

/**
 * Uploads the missing files. Skips files of the right size, which an interrupted run uploaded; the
 * read-back verifies their content.
 */
async function upload(
  settings: OffsiteSettings,
  { name, folder }: StoredBackup,
  files: Map<string, number>,
  { there, signal, progress }: Copying,
): Promise<void> {
  const isThere = ([file, size]: [string, number]): boolean => there?.files.get(file) === size
  const missing = [...files].filter((file) => !isThere(file)).map(([file]) => file)
  // A manifest without all files would look like a complete copy.
  if (there?.isWhole === true && missing.length > 0) {
    await removeCopy(settings, name, signal)
    missing.splice(0, Infinity, ...files.keys())
  }
  const bytes = missing.reduce((sum, file) => sum + (files.get(file) ?? 0), 0)
  const shown = progress?.('copy', { bytes, isAbout: false })
  try {
    for (const file of missing)
      await uploadFile(settings, join(folder, file), pathOf(name, file), { signal, progress: shown })
  } finally {
    shown?.end()
  }
}

/** Verifies the copy, and removes it when it differs. */
async function compareOrRemove(
  settings: OffsiteSettings,
  name: string,
  own: string,
  transfer: Transfer,
): Promise<void> {
  try {
    const { manifestSha256 } = await readBackCopy(settings, name, transfer)
    if (manifestSha256 !== own) throw new DamagedCopy(name, 'it is that of another backup')
  } catch (err) {
    if (err instanceof DamagedCopy) await removeCopy(settings, name, transfer.signal)
    throw err
  }
}

/**
 * Uploads a backup, downloads it again, compares every byte, then writes the note beside the backup.
 * Throws CommandError; a damaged copy is removed.
 */
export async function copyBackup(
  settings: OffsiteSettings,
  backup: StoredBackup,
  copying: Copying,
): Promise<Manifest> {
  const { name, folder } = backup
  const manifest = await verifyChecksums(backup)
  const own = (await hashFile(join(folder, manifestFileName))).sha256
  await upload(settings, backup, await sizesInOrder(folder, manifest), copying)
  const { signal, progress } = copying
  const shown = progress?.('read back', { bytes: bytesOf(manifest), isAbout: false })
  await compareOrRemove(settings, name, own, { signal, progress: shown })
  await writeOffsiteNote(folder, settings, own)
  return manifest
}
