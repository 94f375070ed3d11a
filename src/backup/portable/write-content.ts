import { join } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { withNewFile } from '../durable-file.ts'
import { decryptStream } from '../encryption/decrypt-file.ts'
import { pourIntoFile, type Cover, type Pour } from '../encryption/pour-into-file.ts'
import { followFile } from '../follow-file.ts'
import { HashTap } from '../hash-tap.ts'
import type { StoredContent } from './manifest.ts'

export interface ContentPlace extends Cover {
  folder: string
  /** The host's own key, with which it is read back. */
  identityFile: string
}

export interface Written<T> {
  content: StoredContent
  /** What was made of it when it was read back. */
  made: T
}

const tapped = (source: Readable): HashTap => pipeline(source, new HashTap(), () => undefined)

/** Reads from the disk what lies there so far, as long as somebody writes, and hashes what lies there and what comes out of it. */
const readBack = async <T>(
  file: string,
  writing: Promise<unknown>,
  { folder, recipients, identityFile, searchPath }: ContentPlace,
  consume: (plain: Readable) => Promise<T>,
): Promise<Written<T>> => {
  const stored = tapped(Readable.from(followFile(join(folder, file), writing), { objectMode: false }))
  const plain =
    recipients === null ? stored : tapped(decryptStream(stored, file, { identityFile, searchPath }))
  const made = await consume(plain)
  const digest = stored.digest()
  const plainDigest = recipients === null ? digest : plain.digest()
  const { bytes: plainBytes, sha256: plainSha256 } = plainDigest
  return { content: { file, ...digest, plainBytes, plainSha256 }, made }
}

/**
 * Writes what `pour` gives to a new file, encrypted where there are recipients, and reads it back to its last byte while it grows: on
 * disk for good, and found to open, when it resolves. Of several faults the first is thrown; it ends the others.
 */
export const writeContent = async <T>(
  name: string,
  place: ContentPlace,
  pour: (target: Parameters<Pour>[0], signal: AbortSignal) => Promise<unknown>,
  consume: (plain: Readable) => Promise<T>,
): Promise<Written<T>> => {
  const file = place.recipients === null ? name : `${name}.age`
  const stop = new AbortController()
  const orStop = async <R>(work: Promise<R>): Promise<R> => {
    try {
      return await work
    } catch (err) {
      stop.abort(err)
      throw err
    }
  }
  return withNewFile(join(place.folder, file), async (handle) => {
    const writing = orStop(pourIntoFile(handle, place, (target) => pour(target, stop.signal)))
    const reading = orStop(readBack(file, writing, place, consume))
    const [, read] = await Promise.allSettled([writing, reading])
    if (read.status === 'rejected' || stop.signal.aborted) throw stop.signal.reason
    return read.value
  })
}
