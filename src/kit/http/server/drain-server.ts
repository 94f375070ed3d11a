import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as NetServer } from 'node:net'
import type { SpareConnections } from './spare-connections.ts'

export interface Drained {
  /** False when requests were still running at the deadline and lost their connections. */
  clean: boolean
}

export interface DrainSettings {
  /** What still runs after this time is cut off. */
  timeoutMs: number
  /** How long connections that wait for another request may still bring one; not at all when absent. */
  idleGraceMs?: number
}

const sweepIntervalMs = 50

/**
 * Stops accepting and waits for what runs. Every answer from here on ends its connection. A connection without a request
 * looks idle even when a proxy's next one is on its way, and to close it then is a 502: it is left open for the grace.
 */
export async function drainServer(
  server: Server,
  spare: SpareConnections,
  { timeoutMs, idleGraceMs = 0 }: DrainSettings,
): Promise<Drained> {
  server.prependListener('request', (_req, res) => res.setHeader('connection', 'close'))
  const closed = once(server, 'close')
  // The listener alone: http.Server's own close() takes the idle connections with it.
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
