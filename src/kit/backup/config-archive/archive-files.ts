import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { CommandError } from '../../errors.ts'
import { isBackupName, partialSuffix } from '../portable/backup-name.ts'

const archiveSuffix = '.tar.age'
const checksumSuffix = '.sha256'

export const archiveFileName = (name: string): string => `${name}${archiveSuffix}`

export const archiveName = (file: string): string => basename(file, archiveSuffix)

/** In the form of sha256sum(1); beside the archive, and copied with it. */
export const checksumFileOf = (file: string): string => `${file}${checksumSuffix}`

export const isArchive = (file: string): boolean =>
  file.endsWith(archiveSuffix) && isBackupName(file.slice(0, -archiveSuffix.length))

const filesIn = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder)
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return []
    throw err
  }
}

/** File names of finished archives, the newest first. */
export const listArchives = async (folder: string): Promise<string[]> =>
  (await filesIn(folder)).filter(isArchive).toSorted().toReversed()

/** What a killed run left: half an archive, or the checksum of one that never got its name. Under the lock of the folder. */
export const sweepLeftovers = async (folder: string): Promise<void> => {
  const files = await readdir(folder)
  const hasArchive = (file: string): boolean => files.includes(file.slice(0, -checksumSuffix.length))
  const leftovers = files.filter(
    (file) =>
      file.endsWith(`${archiveSuffix}${partialSuffix}`) ||
      (file.endsWith(`${archiveSuffix}${checksumSuffix}`) && !hasArchive(file)),
  )
  for (const file of leftovers) await rm(join(folder, file))
}

const isFile = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/** Path of the archive that `from` names: one in the folder, a path, or `latest`. */
export const findArchive = async (folder: string, from: string): Promise<string> => {
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
