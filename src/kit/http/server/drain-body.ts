import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Each megabyte more is memory until the next garbage collection, and time taken from the other requests. */
const discardLimitBytes = 20 * 1024 * 1024
/** A client that sends nothing for so long waits for the answer. */
const quietMs = 500

/**
 * Reads what is left of a body that no route wanted, before the answer is sent: many clients, and proxies for them, look
 * for an answer only after the last byte, and a connection that closes before takes the answer from them. Gives up at
 * `deadlineMs` (of `performance.now`), after 20 MiB, or when nothing comes for 0.5 s.
 */
export function discardBody(incoming: IncomingMessage, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    const finish = () => {
      clearTimeout(quiet)
      incoming.off('data', count).off('close', finish)
      resolve()
    }
    const count = (chunk: Buffer) => {
      bytes += chunk.byteLength
      if (bytes > discardLimitBytes || performance.now() > deadlineMs) finish()
      else quiet.refresh()
    }
    const quiet = setTimeout(finish, quietMs)
    incoming.once('close', finish).on('data', count).resume()
  })
}

/** What this needs of Node's socket. */
export interface LingeringSocket extends Duplex {
  readonly bytesRead: number
  destroySoon(): void
}

/** Enough for every ordinary body; each megabyte more is memory until the next garbage collection. */
const limitBytes = 1024 * 1024
const limitMs = 500
const lookEveryMs = 10

/**
 * After the answer: gives the client a moment to end a body that nobody wanted, so that it sees the answer and can use
 * the connection again. One that goes on and on is cut off, because Node would read a gigabyte as patiently.
 */
export function drainBody(incoming: IncomingMessage): void {
  linger(incoming.socket, () => incoming.complete)
}

/** Cuts the connection off after that moment: to close while bytes are still coming in takes the answer from the client. */
export function linger(socket: LingeringSocket, isComplete: () => boolean): void {
  const isOver = () => isComplete() || socket.destroyed
  if (isOver()) return
  const [beginMs, beginBytes] = [performance.now(), socket.bytesRead]
  const timer = setInterval(() => {
    if (isOver()) {
      clearInterval(timer)
      return
    }
    const isLong = socket.bytesRead - beginBytes > limitBytes || performance.now() - beginMs > limitMs
    if (!isLong) return
    clearInterval(timer)
    socket.destroySoon()
  }, lookEveryMs).unref()
}
