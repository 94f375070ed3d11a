import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { CommandError } from '../../errors.ts'
import { isBackupName, partialSuffix } from '../portable/backup-name.ts'

const archiveSuffix = '.tar.age'
const checksumSuffix = '.sha256'

export function archiveFileName(name: string): string {
  return `${name}${archiveSuffix}`
}

/** Returns the name of an archive from its file name or path. */
export function archiveName(file: string): string {
  return basename(file, archiveSuffix)
}

/**
 * Returns the name of the checksum file, which has the format of sha256sum(1) and is copied with the
 * archive.
 */
export function checksumFileOf(file: string): string {
  return `${file}${checksumSuffix}`
}

export function isArchive(file: string): boolean {
  return file.endsWith(archiveSuffix) && isBackupName(file.slice(0, -archiveSuffix.length))
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return []
    throw err
  }
}

/** Lists the finished archives in `folder` as file names, newest first. */
export async function listArchives(folder: string): Promise<string[]> {
  return (await filesIn(folder)).filter(isArchive).toSorted().toReversed()
}

/**
 * Removes partial archives, and checksum files without an archive, of runs that were killed. The caller
 * holds the lock of the folder.
 */
export async function sweepLeftovers(folder: string): Promise<void> {
  const files = await readdir(folder)
  const hasArchive = (file: string): boolean => files.includes(file.slice(0, -checksumSuffix.length))
  const leftovers = files.filter(
    (file) =>
      file.endsWith(`${archiveSuffix}${partialSuffix}`) ||
      (file.endsWith(`${archiveSuffix}${checksumSuffix}`) && !hasArchive(file)),
  )
  for (const file of leftovers) await rm(join(folder, file))
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/**
 * Returns the path of an archive. `from` is the name of an archive in `folder`, a path, or `latest`.
 * Throws CommandError `not_found`.
 */
export async function findArchive(folder: string, from: string): Promise<string> {
  if (from === 'latest') {
    const [newest] = await listArchives(folder)
    if (newest !== undefined) return join(folder, newest)
    throw new CommandError('not_found', 'there is no archive of the configuration', {
      hint: 'make backup-config',
    })
  }
  const name = archiveName(from)
  const candidates = from.includes('/') ? [resolve(from)] : [join(folder, archiveFileName(name))]
  for (const candidate of candidates) if (await isFile(candidate)) return candidate
  throw new CommandError('not_found', `there is no archive of the configuration '${from}'`, {
    hint: 'backups/config holds those that are here',
  })
}
