import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import type { OffsiteSettings } from '../offsite/offsite-settings.ts'
import { timeOfName } from '../portable/backup-name.ts'
import { readKnownArchives } from '../config-archive/archive-copies.ts'
import { archiveName, listArchives } from '../config-archive/archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'
import { verifyArchiveChecksum } from '../config-archive/open-archive.ts'

/** Entry of `backup list --json`, documented in docs/how-to/backup-and-restore.md. */
export interface ListedArchive {
  name: string
  createdAt: string
  ageSeconds: number
  bytes: number
  /** Reason why the archive is damaged; null when the checksum matches. */
  fault: string | null
  copies: ('here' | 'offsite')[]
}

async function faultOf(file: string): Promise<string | null> {
  try {
    await verifyArchiveChecksum(file)
    return null
  } catch (err) {
    if (err instanceof CommandError) return err.publicMessage
    throw err
  }
}

/**
 * Lists the archives of the configuration, newest first. The copies come from the local state, not from
 * the storage.
 */
export async function describeArchives(
  backupsFolder: string,
  offsite: OffsiteSettings | undefined,
  now: Date,
): Promise<ListedArchive[]> {
  const folder = configFolderOf(backupsFolder)
  const copied = offsite === undefined ? [] : await readKnownArchives(backupsFolder, offsite)
  const describe = async (file: string): Promise<ListedArchive> => {
    const name = archiveName(file)
    const createdAt = timeOfName(name)
    return {
      name,
      createdAt: createdAt.toISOString(),
      ageSeconds: Math.round((now.getTime() - createdAt.getTime()) / 1_000),
      bytes: (await stat(join(folder, file))).size,
      fault: await faultOf(join(folder, file)),
      copies: copied.includes(file) ? ['here', 'offsite'] : ['here'],
    }
  }
  return Promise.all((await listArchives(folder)).map(describe))
}
