import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { AppError } from '../../errors.ts'

/** The whole body as text, at most `limitBytes` of it, and only if it is UTF-8. */
export async function readBody(incoming: IncomingMessage, limitBytes: number): Promise<string> {
  // Checked before the first byte is read, so that a client that waits for 100-continue never sends the body.
  if (Number(incoming.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const bytes = await readBytes(incoming, limitBytes)
  if (!isUtf8(bytes)) throw new AppError('invalid_request', 'request body is not valid UTF-8')
  return bytes.toString('utf8')
}

/** Counts the bytes itself: a chunked body declares no length. */
async function readBytes(incoming: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // By default the stream would end at the limit, and a client that keeps sending would never be cut off.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
      size += (chunk as Buffer).byteLength
      if (size > limitBytes) throw tooLarge(limitBytes)
      chunks.push(chunk as Buffer)
    }
  } catch (err) {
    if (err instanceof AppError) throw err
    throw new AppError('invalid_request', 'request body ended early', { cause: err })
  }
  return Buffer.concat(chunks, size)
}

function tooLarge(limitBytes: number): AppError {
  return new AppError('payload_too_large', `request body is larger than ${limitBytes} bytes`)
}
