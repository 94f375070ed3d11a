import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import type { CommandError } from '../../errors.ts'
import { HashTap } from '../../host/hash-tap.ts'
import { DamagedCopy } from '../offsite/damaged-copy.ts'
import type { OffsitePlace, OffsiteSettings } from '../offsite/offsite-settings.ts'
import { readPruneState } from '../offsite/prune-state.ts'
import { readObject, uploadFile } from '../offsite/storage.ts'
import { tryRemoval, type Removal } from '../offsite/try-removal.ts'
import { withOffsiteLock } from '../offsite/with-offsite-lock.ts'
import { renderChecksums } from '../portable/checksums.ts'
import { listArchiveCopies, pathOf, removeArchiveCopy, writeKnownArchives } from './archive-copies.ts'
import { checksumFileOf, listArchives } from './archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'
import { verifyArchiveChecksum } from './open-archive.ts'
import { keptArchives } from './prune-archives.ts'

async function digestThere(
  offsite: OffsiteSettings,
  file: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = async (content: NodeJS.ReadableStream): Promise<string> => {
    const tap = new HashTap()
    await finished(content.pipe(tap).resume())
    return tap.digest().sha256
  }
  return readObject(offsite, pathOf(file), hash, { signal })
}

/**
 * Uploads an archive, downloads it again and compares the hashes. Uploads the checksum file last: an
 * archive without it does not count.
 */
async function copyArchive(
  offsite: OffsiteSettings,
  folder: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
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

export interface ArchivesCopied {
  /** File names. */
  copied: string[]
  /** File names of the archives removed from the storage. */
  pruned: string[]
  /** Reason why old archives could not be removed. The copies are valid nevertheless. */
  pruneFault: CommandError | undefined
}

/**
 * Removes old archives after a successful copy, and also without a copy when the last removal failed: the
 * next copy may be months away.
 */
async function pruneArchiveCopies(
  place: OffsitePlace,
  { copied, all }: { copied: string[]; all: string[] },
  signal: AbortSignal | undefined,
): Promise<Removal> {
  const state = await readPruneState(place, 'config')
  if (copied.length === 0 && state?.fault === undefined) return { names: [], fault: undefined }
  return tryRemoval(place, 'config', async (gone) => {
    for (const file of all.slice(keptArchives)) {
      await removeArchiveCopy(place.offsite, file, signal)
      gone.push(file)
    }
  })
}

/**
 * Copies the archives that are not on the storage yet, then keeps the newest ones there. Throws
 * CommandError when a copy fails.
 */
export function copyArchives(place: OffsitePlace, signal?: AbortSignal): Promise<ArchivesCopied> {
  return withOffsiteLock(place.backupsFolder, async () => {
    const { offsite, backupsFolder } = place
    const folder = configFolderOf(backupsFolder)
    const here = await listArchives(folder)
    const there = await listArchiveCopies(offsite, signal)
    const copied = here.filter((file) => !there.includes(file))
    for (const file of copied) await copyArchive(offsite, folder, file, signal)
    const all = [...copied, ...there].toSorted().toReversed()
    const { names: pruned, fault } = await pruneArchiveCopies(place, { copied, all }, signal)
    const left = all.filter((file) => !pruned.includes(file))
    await writeKnownArchives(backupsFolder, offsite, left)
    return { copied, pruned, pruneFault: fault }
  })
}
