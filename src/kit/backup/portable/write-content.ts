import { join } from 'node:path'
import { pipeline, Readable, type Writable } from 'node:stream'
import { withNewFile } from '../../host/durable-file.ts'
import { decryptFilled } from '../encryption/decrypt-file.ts'
import { encryptToFile, type Cover } from '../encryption/encrypt-to-file.ts'
import { followFile } from '../../host/follow-file.ts'
import { Digest, HashTap } from '../../host/hash-tap.ts'
import { feedPieces } from '../../host/spawn-program.ts'
import type { StoredContent } from './manifest.ts'

export interface ContentPlace extends Cover {
  folder: string
  /** Host key, used for the read-back. */
  identityFile: string
}

export interface Written<T> {
  content: StoredContent
  /** Result of the read-back. */
  made: T
}

async function* copiesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

/** Reads the file while it grows, decrypts it, and hashes both the stored bytes and the plaintext. */
async function readBack<T>(
  file: string,
  writing: Promise<unknown>,
  { folder, recipients, identityFile, searchPath }: ContentPlace,
  consume: (plain: Readable) => Promise<T>,
): Promise<Written<T>> {
  const pieces = followFile(join(folder, file), writing)
  const stored = new Digest()
  const decrypted = (): Readable =>
    decryptFilled((stdin) => feedPieces(stored.of(pieces), stdin), file, { identityFile, searchPath })
  const source = recipients === null ? Readable.from(copiesOf(pieces)) : decrypted()
  const plain = pipeline(source, new HashTap(), () => undefined)
  const made = await consume(plain)
  const { bytes: plainBytes, sha256: plainSha256 } = plain.digest()
  const onDisk = recipients === null ? { bytes: plainBytes, sha256: plainSha256 } : stored.end()
  return { content: { file, ...onDisk, plainBytes, plainSha256 }, made }
}

/**
 * Writes the output of `produce` to a new file, encrypted when there are recipients, and reads it back
 * completely while it grows. On return the file is synced and verified. Throws the first error, which
 * aborts the other side.
 */
export async function writeContent<T>(
  name: string,
  place: ContentPlace,
  produce: (target: Writable, signal: AbortSignal) => Promise<unknown>,
  consume: (plain: Readable) => Promise<T>,
): Promise<Written<T>> {
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
    const writing = orStop(encryptToFile(handle, place, (target) => produce(target, stop.signal)))
    const reading = orStop(readBack(file, writing, place, consume))
    const [, read] = await Promise.allSettled([writing, reading])
    if (read.status === 'rejected' || stop.signal.aborted) throw stop.signal.reason
    return read.value
  })
}
