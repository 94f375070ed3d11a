import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

export interface SpareConnections {
  /** Ends those over which nothing has come yet. */
  close: () => void
}

interface Unused extends Duplex {
  bytesRead?: number
}

/**
 * A proxy opens more connections than it has requests for, and keeps the rest for later. Node takes such a one for a
 * request whose head does not arrive: it would be told 408 after a few seconds, and whose request is on its way in that
 * moment reads this as the answer to it. So it is left open for as long as one that waits for its next request.
 */
export function keepSpareConnections(server: Server): SpareConnections {
  const spare = new Set<Unused>()
  // Nothing else would end one over which nothing ever comes.
  server.timeout = server.keepAliveTimeout
  server.on('clientError', (err: Error & { code?: string }, socket: Unused) => {
    if (!isSpare(err, socket)) return
    spare.add(socket)
    socket.once('close', () => spare.delete(socket))
  })
  return {
    close: () => {
      for (const socket of spare) if (socket.bytesRead === 0) socket.destroy()
    },
  }
}

/** Said of a connection whose time is up and over which no byte has come. */
export function isSpare(err: { code?: string }, socket: Unused): boolean {
  return err.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0
}
