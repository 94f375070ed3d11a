import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Returns the SHA-1 of a file: pgBackRest puts it into the names of its WAL files. */
export async function sha1OfFile(file: string): Promise<string> {
  const hash = createHash('sha1')
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
  }
  return hash.digest('hex')
}
