import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { CommandError } from '../../errors.ts'
import { withProgress, type Progress } from '../../host/progress.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { runRclone } from './run-rclone.ts'
import { remote } from './with-rclone-config.ts'

export interface StoredObject {
  /** Below the folder that was listed. */
  path: string
  bytes: number
}

export interface Transfer {
  signal?: AbortSignal | undefined
  /** Of the bytes on their way; the caller ends it. */
  progress?: Progress | undefined
}

const listingSchema = z.array(z.object({ Path: z.string(), Size: z.int().nonnegative() }))

const patientTries = 3

/** `path` is below the folder of this installation. */
function addressOf({ bucket, prefix }: OffsiteSettings, path: string): string {
  return `${remote}:${[bucket, prefix, path].filter((part) => part !== '').join('/')}`
}

/** It has nothing to say on standard output. */
async function nothing(output: Readable): Promise<void> {
  await text(output)
}

/** Every object below `folder`; none where there is no such folder. */
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

/** What is there under that name is replaced, whatever it looks like. */
export function uploadFile(
  settings: OffsiteSettings,
  file: string,
  path: string,
  transfer: Transfer = {},
): Promise<void> {
  const args = ['copyto', '--ignore-times', file, addressOf(settings, path)]
  return runRclone(settings, { args, tries: patientTries, ...transfer }, nothing)
}

/** What is not there reads as nothing: whoever asks compares with what was expected. */
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

export function removeObject(settings: OffsiteSettings, path: string, signal?: AbortSignal): Promise<void> {
  return runRclone(settings, { args: ['deletefile', addressOf(settings, path)], signal }, nothing)
}

/**
 * Takes back uploads below `folder` that are older than `age`, as rclone writes it: the parts of those that were cut off show in
 * no listing, and cost what they weigh. Where a storage cannot name them, a rule of the bucket has to.
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
