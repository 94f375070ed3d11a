import type { Server } from 'node:http'
import type { Duplex } from 'node:stream'

export interface SpareConnections {
  /** Closes connections that have not received a byte. */
  close: () => void
}

interface Unused extends Duplex {
  bytesRead?: number
}

/**
 * Keeps connections open on which no byte has arrived, as long as idle ones. A proxy opens more connections than it
 * has requests for. Node treats them as slow requests and sends 408 after a few seconds; a proxy that sends a request
 * at that moment reads the 408 as its answer.
 */
export function keepSpareConnections(server: Server): SpareConnections {
  const spare = new Set<Unused>()
  // The only limit for a connection that never receives a byte.
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

/** Returns true for a timed-out connection on which no byte has arrived. */
export function isSpare(err: { code?: string }, socket: Unused): boolean {
  return err.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0
}
