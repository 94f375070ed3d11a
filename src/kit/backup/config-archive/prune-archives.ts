import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { checksumFileOf, listArchives } from './archive-files.ts'
import { verifyArchiveChecksum } from './open-archive.ts'

/** Here, and off-site. */
export const keptArchives = 10

const isFit = async (file: string): Promise<boolean> => {
  try {
    await verifyArchiveChecksum(file)
    return true
  } catch (err) {
    if (err instanceof CommandError) return false
    throw err
  }
}

/** Only those that are what was written count, and only they go; after one that succeeded, under the lock of the folder. */
export const pruneArchives = async (folder: string): Promise<void> => {
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
