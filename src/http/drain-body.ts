import type { IncomingMessage } from 'node:http'

/** Enough for every ordinary body, which has mostly arrived with its head. */
const limitBytes = 64 * 1024
const limitMs = 500

/**
 * Reads what is left of a body that nobody wanted, so that the connection can be used again; a client that goes on and
 * on is cut off, because Node would read a gigabyte as patiently.
 */
export function drainBody(incoming: IncomingMessage): void {
  const { headers } = incoming
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return
  let size = 0
  const cutOff = () => incoming.socket.destroySoon()
  const timer = setTimeout(cutOff, limitMs).unref()
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.byteLength
    if (size > limitBytes) cutOff()
  })
  incoming.once('close', () => clearTimeout(timer))
}
