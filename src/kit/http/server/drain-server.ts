import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { SpareConnections } from './spare-connections.ts'

export interface Drained {
  /** False when requests were still running at the deadline and lost their connections. */
  clean: boolean
}

export interface DrainSettings {
  /** Requests that still run after this time are cut off. */
  timeoutMs: number
  /** How long idle connections stay open for one more request; absent means they close at once. */
  idleGraceMs?: number
}

const sweepIntervalMs = 50

/**
 * Stops accepting connections and waits for running requests. Every answer from now on closes its connection. A
 * connection without a request looks idle even when a proxy's next request is on its way, and closing it then causes
 * a 502: it stays open for `idleGraceMs`.
 */
export async function drainServer(
  server: Server,
  spare: SpareConnections,
  { timeoutMs, idleGraceMs = 0 }: DrainSettings,
): Promise<Drained> {
  server.prependListener('request', (_req, res) => res.setHeader('connection', 'close'))
  const closed = once(server, 'close')
  // Closes the listener only: http.Server's own close() also closes idle connections.
  NetServer.prototype.close.call(server)
  const graceEndMs = performance.now() + idleGraceMs
  const sweep = setInterval(() => {
    if (performance.now() < graceEndMs) return
    server.closeIdleConnections()
    spare.close()
  }, sweepIntervalMs)
  let clean = true
  const cutOff = setTimeout(() => {
    clean = false
    server.closeAllConnections()
  }, timeoutMs)
  await closed
  clearInterval(sweep)
  clearTimeout(cutOff)
  return { clean }
}
