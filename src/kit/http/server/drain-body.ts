import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** Each megabyte more is memory until the next garbage collection, and time taken from other requests. */
const discardLimitBytes = 20 * 1024 * 1024
/** A client that sends nothing for this long is waiting for the answer. */
const quietMs = 500

/**
 * Reads the rest of an unused body before the answer is sent. Many clients and proxies read an answer only after they
 * sent the last byte, and a connection that closes earlier discards the answer. Stops at `deadlineMs` (of
 * `performance.now`), after 20 MiB, or when nothing arrives for 0.5 s.
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

/** The members of Node's socket that this module uses. */
export interface LingeringSocket extends Duplex {
  readonly bytesRead: number
  destroySoon(): void
}

/** Enough for an ordinary body; each megabyte more is memory until the next garbage collection. */
const limitBytes = 1024 * 1024
const limitMs = 500
const lookEveryMs = 10

/**
 * Gives the client a moment after the answer to finish an unused body, so that it reads the answer and can reuse the
 * connection. Cuts off a longer body, because Node would read all of it, a gigabyte too.
 */
export function drainBody(incoming: IncomingMessage): void {
  linger(incoming.socket, () => incoming.complete)
}

/** Cuts the connection off after a moment: closing while bytes arrive would discard the answer. */
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
