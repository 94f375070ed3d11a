import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { checksumFileOf, listArchives } from './archive-files.ts'
import { verifyArchiveChecksum } from './open-archive.ts'

/** Number of archives kept in the folder and off-site. */
export const keptArchives = 10

async function isFit(file: string): Promise<boolean> {
  try {
    await verifyArchiveChecksum(file)
    return true
  } catch (err) {
    if (err instanceof CommandError) return false
    throw err
  }
}

/**
 * Removes all but the newest archives that pass their checksum. A damaged archive is neither counted nor
 * removed. The caller holds the lock of the folder and has just written an archive.
 */
export async function pruneArchives(folder: string): Promise<void> {
  const fit: string[] = []
  for (const name of await listArchives(folder)) {
    const file = join(folder, name)
    if (await isFit(file)) fit.push(file)
  }
  for (const file of fit.slice(keptArchives)) {
    await rm(file)
    await rm(checksumFileOf(file), { force: true })
  }
}
