import { z } from 'zod'
import { placeOf, type OffsiteSettings } from '../offsite/offsite-settings.ts'
import { listObjects, removeObject } from '../offsite/storage.ts'
import { readState, writeState } from '../../host/state-file.ts'
import { checksumFileOf, isArchive } from './archive-files.ts'

/** Folder of the archives on the storage, beside those of the backups. */
const folder = 'config'

export const pathOf = (file: string): string => `${folder}/${file}`

/** File names of the archives there whose checksum is there too, the newest first: it is sent last, after the read-back. */
export const listArchiveCopies = async (
  settings: OffsiteSettings,
  signal?: AbortSignal,
): Promise<string[]> => {
  const paths = (await listObjects(settings, folder, signal)).map(({ path }) => path)
  return paths
    .filter((path) => isArchive(path) && paths.includes(checksumFileOf(path)))
    .toSorted()
    .toReversed()
}

/** The checksum first: what is left of a removal that was cut off does not count. */
export const removeArchiveCopy = async (
  settings: OffsiteSettings,
  file: string,
  signal?: AbortSignal,
): Promise<void> => {
  await removeObject(settings, pathOf(checksumFileOf(file)), signal)
  await removeObject(settings, pathOf(file), signal)
}

const stateSchema = z.object({ place: z.string(), files: z.array(z.string()) })
const stateName = 'config-copies'

/** Archives that were found there, or brought there, when last asked; none after a change of the place. */
export const readKnownArchives = async (
  backupsFolder: string,
  settings: OffsiteSettings,
): Promise<string[]> => {
  const state = await readState(backupsFolder, stateName, stateSchema)
  return state?.place === placeOf(settings) ? state.files : []
}

export const writeKnownArchives = (
  backupsFolder: string,
  settings: OffsiteSettings,
  files: string[],
): Promise<void> => writeState(backupsFolder, stateName, { place: placeOf(settings), files })
