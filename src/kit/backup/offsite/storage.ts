import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { CommandError } from '../../errors.ts'
import { withProgress, type Progress } from '../../host/progress.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { runRclone } from './run-rclone.ts'
import { remote } from './with-rclone-config.ts'

export interface StoredObject {
  /** Relative to the listed folder. */
  path: string
  bytes: number
}

export interface Transfer {
  signal?: AbortSignal | undefined
  /** Counts the transferred bytes. The caller ends it. */
  progress?: Progress | undefined
}

const listingSchema = z.array(z.object({ Path: z.string(), Size: z.int().nonnegative() }))

const patientTries = 3

/** `path` is relative to the folder of this installation. */
function addressOf({ bucket, prefix }: OffsiteSettings, path: string): string {
  return `${remote}:${[bucket, prefix, path].filter((part) => part !== '').join('/')}`
}

/** For a command without output. */
async function nothing(output: Readable): Promise<void> {
  await text(output)
}

/** Lists every object below `folder`; empty for a missing folder. Throws CommandError `offsite`. */
export async function listObjects(
  settings: OffsiteSettings,
  folder: string,
  signal?: AbortSignal,
): Promise<StoredObject[]> {
  const args = [
    'lsjson',
    '--recursive',
    '--files-only',
    '--no-modtime',
    '--no-mimetype',
    addressOf(settings, folder),
  ]
  const listing = await runRclone(settings, { args, signal }, text)
  return listingSchema.parse(JSON.parse(listing)).map(({ Path, Size }) => ({ path: Path, bytes: Size }))
}

/** Uploads a file and replaces an existing object. Throws CommandError `offsite`. */
export function uploadFile(
  settings: OffsiteSettings,
  file: string,
  path: string,
  transfer: Transfer = {},
): Promise<void> {
  const args = ['copyto', '--ignore-times', file, addressOf(settings, path)]
  return runRclone(settings, { args, tries: patientTries, ...transfer }, nothing)
}

/**
 * Passes the content of an object to `consume`. A missing object reads as empty: the caller compares it
 * with the expected content.
 */
export function readObject<T>(
  settings: OffsiteSettings,
  path: string,
  consume: (content: Readable) => Promise<T>,
  { signal, progress }: Transfer = {},
): Promise<T> {
  const args = ['cat', addressOf(settings, path)]
  const counted = (content: Readable): Promise<T> => consume(withProgress(content, progress))
  return runRclone(settings, { args, tries: patientTries, signal }, counted)
}

/** Removes one object. Throws CommandError `offsite`. */
export function removeObject(settings: OffsiteSettings, path: string, signal?: AbortSignal): Promise<void> {
  return runRclone(settings, { args: ['deletefile', addressOf(settings, path)], signal }, nothing)
}

/**
 * Aborts multipart uploads below `folder` older than `age`, in rclone's notation. Unfinished parts are
 * billed but not listed. A storage that cannot list them needs a lifecycle rule on the bucket.
 */
export async function abortUploads(
  settings: OffsiteSettings,
  { folder, age }: { folder: string; age: string },
  signal?: AbortSignal,
): Promise<void> {
  const args = ['backend', 'cleanup', addressOf(settings, folder), `--option=max-age=${age}`]
  try {
    await runRclone(settings, { args, signal }, nothing)
  } catch (err) {
    if (!(err instanceof CommandError && /NotImplemented|MethodNotAllowed/.test(err.publicMessage))) throw err
  }
}
