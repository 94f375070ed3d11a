import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

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
