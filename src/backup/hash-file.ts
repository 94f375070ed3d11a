import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createReadStream } from 'node:fs'

export interface FileDigest {
  bytes: number
  sha256: string
}

/** Writes a stream to a new file and returns what went by; on disk for good when it resolves. */
export const writeHashed = async (source: Readable, file: string): Promise<FileDigest> => {
  const hash = createHash('sha256')
  const handle = await open(file, 'wx', 0o640)
  let bytes = 0
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      bytes += chunk.length
      await handle.writeFile(chunk)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { bytes, sha256: hash.digest('hex') }
}

export const hashFile = async (file: string): Promise<FileDigest> => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}
