import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { refuseFullDisk } from '../../host/disk-space.ts'
import { writeDurably } from '../../host/durable-file.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import { writeHashed } from '../../host/hash-file.ts'
import { checksumsFileName } from '../portable/checksums.ts'
import { bytesOf, manifestFileName } from '../portable/manifest.ts'
import { sweepPartials, writeAtomically } from '../portable/partial-backup.ts'
import { scanBackups } from '../portable/stored-backup.ts'
import { verifyChecksums } from '../portable/verify-backup.ts'
import type { OpenProgress } from '../../host/progress.ts'
import { findCopy } from './find-copy.ts'
import { pathOf } from './list-copies.ts'
import { writeOffsiteNote } from './offsite-note.ts'
import type { OffsitePlace, OffsiteSettings } from './offsite-settings.ts'
import { readPapers, refuseOtherDigest } from './read-back-copy.ts'
import { readObject } from './storage.ts'

interface Fetching {
  signal?: AbortSignal | undefined
  progress?: OpenProgress | undefined
}

const spareBytes = 32 * 1024 * 1024

/** Returns true when the backup is here and its checksums match. A local backup is never overwritten. */
async function isHere(backupsFolder: string, name: string): Promise<boolean> {
  const stored = (await scanBackups(backupsFolder)).find((backup) => backup.name === name)
  if (stored === undefined) return false
  try {
    await verifyChecksums(stored)
    return true
  } catch (err) {
    const sentence = `backup ${name} is here already, and damaged`
    throw new CommandError('refused', sentence, {
      hint: `move it away: mv backups/${name} backups/${name}.damaged`,
      cause: err,
    })
  }
}

async function download(
  settings: OffsiteSettings,
  name: string,
  folder: string,
  { signal, progress }: Fetching,
): Promise<void> {
  const papers = await readPapers(settings, name, { signal })
  const { manifest, manifestText, checksumsText, manifestSha256 } = papers
  const transfer = { signal, progress: progress?.('fetch', { bytes: bytesOf(manifest), isAbout: false }) }
  for (const each of manifest.files) {
    const write = (content: Parameters<typeof writeHashed>[0]) =>
      writeHashed(content, join(folder, each.file))
    refuseOtherDigest(name, each, await readObject(settings, pathOf(name, each.file), write, transfer))
  }
  await writeDurably(join(folder, manifestFileName), manifestText.toString())
  await writeDurably(join(folder, checksumsFileName), checksumsText.toString())
  await writeOffsiteNote(folder, settings, manifestSha256)
}

/**
 * Downloads a copy into the backups folder under a partial name, verifies it, then renames it into place.
 * Returns the name of the backup. `wanted` is a name or `latest`. Keeps a backup that is already here.
 * Throws CommandError.
 */
export async function fetchBackup(
  { offsite: limited, backupsFolder }: OffsitePlace,
  wanted: string,
  fetching: Fetching = {},
): Promise<{ name: string; wasHere: boolean }> {
  // An operator waits for this download: no bandwidth limit.
  const offsite = { ...limited, bandwidthKibPerSecond: undefined }
  const lock = await lockFolder(backupsFolder, 'fetch from off-site')
  try {
    await sweepPartials(backupsFolder)
    const { name, files } = await findCopy(offsite, wanted, fetching.signal)
    if (await isHere(backupsFolder, name)) return { name, wasHere: true }
    const bytes = [...files.values()].reduce((sum, size) => sum + size, 0)
    await refuseFullDisk(backupsFolder, bytes + spareBytes, `the copy of ${name} needs`)
    await writeAtomically(backupsFolder, name, (folder) => download(offsite, name, folder, fetching))
    return { name, wasHere: false }
  } finally {
    await lock.release()
  }
}
