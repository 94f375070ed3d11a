import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import { HashTap } from '../hash-tap.ts'
import { DamagedCopy } from '../offsite/damaged-copy.ts'
import type { OffsitePlace, OffsiteSettings } from '../offsite/offsite-settings.ts'
import { withOffsiteLock } from '../offsite/with-offsite-lock.ts'
import { readObject, uploadFile } from '../offsite/storage.ts'
import { renderChecksums } from '../portable/checksums.ts'
import { listArchiveCopies, pathOf, removeArchiveCopy, writeKnownArchives } from './archive-copies.ts'
import { checksumFileOf, configFolderOf, listArchives } from './archive-files.ts'
import { verifyArchiveChecksum } from './open-archive.ts'
import { keptArchives } from './prune-archives.ts'

const digestThere = async (
  offsite: OffsiteSettings,
  file: string,
  signal: AbortSignal | undefined,
): Promise<string> => {
  const hash = async (content: NodeJS.ReadableStream): Promise<string> => {
    const tap = new HashTap()
    await finished(content.pipe(tap).resume())
    return tap.digest().sha256
  }
  return readObject(offsite, pathOf(file), hash, { signal })
}

/** Sends it, downloads every byte again and compares; its checksum follows last and makes it count. */
const copyArchive = async (
  offsite: OffsiteSettings,
  folder: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const local = join(folder, file)
  await verifyArchiveChecksum(local)
  const checksums = await readFile(checksumFileOf(local), 'utf8')
  await uploadFile(offsite, local, pathOf(file), { signal })
  const found = renderChecksums({ [file]: await digestThere(offsite, file, signal) })
  if (found !== checksums) throw new DamagedCopy(file, 'has other bytes than were sent')
  await uploadFile(offsite, checksumFileOf(local), pathOf(checksumFileOf(file)), { signal })
  const there = await readObject(offsite, pathOf(checksumFileOf(file)), text, { signal })
  if (there === checksums) return
  await removeArchiveCopy(offsite, file, signal)
  throw new DamagedCopy(file, 'its checksum has other bytes than were sent')
}

/** Those that have no copy yet; then there as here the newest are kept. Returns the names of the files that were copied. */
export const copyArchives = (
  { offsite, backupsFolder }: OffsitePlace,
  signal?: AbortSignal,
): Promise<string[]> =>
  withOffsiteLock(backupsFolder, async () => {
    const folder = configFolderOf(backupsFolder)
    const here = await listArchives(folder)
    const there = await listArchiveCopies(offsite, signal)
    const missing = here.filter((file) => !there.includes(file))
    for (const file of missing) await copyArchive(offsite, folder, file, signal)
    const all = [...missing, ...there].toSorted().toReversed()
    if (missing.length > 0)
      for (const file of all.slice(keptArchives)) await removeArchiveCopy(offsite, file, signal)
    await writeKnownArchives(backupsFolder, offsite, all.slice(0, keptArchives))
    return missing
  })
