import { z } from 'zod'
import { placeOf, type OffsiteSettings } from '../offsite/offsite-settings.ts'
import { listObjects, removeObject } from '../offsite/storage.ts'
import { readState, writeState } from '../../host/state-file.ts'
import { checksumFileOf, isArchive } from './archive-files.ts'

/** Folder of the archives on the storage. */
const folder = 'config'

export function pathOf(file: string): string {
  return `${folder}/${file}`
}

/**
 * Lists the archives on the storage, newest first, as file names. Lists only archives with a checksum
 * file: it is uploaded last, after the read-back.
 */
export async function listArchiveCopies(settings: OffsiteSettings, signal?: AbortSignal): Promise<string[]> {
  const paths = (await listObjects(settings, folder, signal)).map(({ path }) => path)
  return paths
    .filter((path) => isArchive(path) && paths.includes(checksumFileOf(path)))
    .toSorted()
    .toReversed()
}

/**
 * Removes an archive and its checksum file from the storage. Removes the checksum first, so that an
 * interrupted removal leaves no archive that counts.
 */
export async function removeArchiveCopy(
  settings: OffsiteSettings,
  file: string,
  signal?: AbortSignal,
): Promise<void> {
  await removeObject(settings, pathOf(checksumFileOf(file)), signal)
  await removeObject(settings, pathOf(file), signal)
}

const stateSchema = z.object({ place: z.string(), files: z.array(z.string()) })
const stateName = 'config-copies'

/**
 * Returns the file names of the archives that the last listing or copy found on the storage. Empty after
 * OFFSITE_S3_* names another place.
 */
export async function readKnownArchives(backupsFolder: string, settings: OffsiteSettings): Promise<string[]> {
  const state = await readState(backupsFolder, stateName, stateSchema)
  return state?.place === placeOf(settings) ? state.files : []
}

export function writeKnownArchives(
  backupsFolder: string,
  settings: OffsiteSettings,
  files: string[],
): Promise<void> {
  return writeState(backupsFolder, stateName, { place: placeOf(settings), files })
}
