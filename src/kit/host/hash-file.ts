import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bufferBytes } from './buffer-bytes.ts'
import { HashTap, type FileDigest } from './hash-tap.ts'

/** Writes a stream to a new file, syncs it, and returns its size and SHA-256. */
export async function writeHashed(source: Readable, file: string): Promise<FileDigest> {
  const tap = new HashTap()
  const target = createWriteStream(file, {
    flags: 'wx',
    mode: 0o640,
    flush: true,
    highWaterMark: bufferBytes,
  })
  await pipeline(source, tap, target)
  return tap.digest()
}

/** Returns the size and SHA-256 of a file. */
export async function hashFile(file: string): Promise<FileDigest> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}
