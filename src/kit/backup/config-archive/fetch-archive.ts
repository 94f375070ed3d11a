import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { CommandError } from '../../errors.ts'
import { syncFolder, writeDurably } from '../../host/durable-file.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import { writeHashed } from '../../host/hash-file.ts'
import { DamagedCopy } from '../offsite/damaged-copy.ts'
import type { OffsitePlace, OffsiteSettings } from '../offsite/offsite-settings.ts'
import { readObject } from '../offsite/storage.ts'
import { partialSuffix } from '../portable/backup-name.ts'
import { renderChecksums } from '../portable/checksums.ts'
import { listArchiveCopies, pathOf } from './archive-copies.ts'
import { archiveFileName, checksumFileOf, listArchives, sweepLeftovers } from './archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'
import { verifyArchiveChecksum } from './open-archive.ts'

async function findArchiveCopy(
  offsite: OffsiteSettings,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const files = await listArchiveCopies(offsite, signal)
  const found = files.find((file) => wanted === 'latest' || file === archiveFileName(wanted))
  if (found !== undefined) return found
  throw new CommandError(
    'not_found',
    wanted === 'latest'
      ? 'there is no archive of the configuration off-site'
      : `there is no archive of the configuration '${wanted}' off-site`,
    {
      hint: 'are bucket and prefix those of the lost machine? Archives go there from backups/config by themselves',
    },
  )
}

async function download(
  offsite: OffsiteSettings,
  folder: string,
  file: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const target = join(folder, file)
  const partial = `${target}${partialSuffix}`
  try {
    const checksums = await readObject(offsite, pathOf(checksumFileOf(file)), text, { signal })
    const write = (content: Parameters<typeof writeHashed>[0]) => writeHashed(content, partial)
    const { sha256 } = await readObject(offsite, pathOf(file), write, { signal })
    if (checksums !== renderChecksums({ [file]: sha256 }))
      throw new DamagedCopy(file, 'it is not what its checksum says')
    await writeDurably(checksumFileOf(target), checksums)
    await rename(partial, target)
    await syncFolder(folder)
  } finally {
    await rm(partial, { force: true })
  }
}

/**
 * Downloads an archive into backups/config, verifies its checksum, then renames it into place. Returns its
 * file name. `wanted` is a name or `latest`.
 */
export async function fetchArchive(
  { offsite, backupsFolder }: OffsitePlace,
  wanted: string,
  signal?: AbortSignal,
): Promise<string> {
  const folder = configFolderOf(backupsFolder)
  await mkdir(folder, { recursive: true, mode: 0o770 })
  const lock = await lockFolder(folder, 'fetch of the configuration')
  try {
    await sweepLeftovers(folder)
    const file = await findArchiveCopy(offsite, wanted, signal)
    if ((await listArchives(folder)).includes(file)) await verifyArchiveChecksum(join(folder, file))
    else await download(offsite, folder, file, signal)
    return file
  } finally {
    await lock.release()
  }
}
