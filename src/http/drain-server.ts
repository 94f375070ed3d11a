import { once } from 'node:events'
import type { Server } from 'node:http'

export interface Drained {
  /** False when requests were still running at the deadline and lost their connections. */
  clean: boolean
}

const sweepIntervalMs = 50

/**
 * Stops accepting and waits for what runs. `close()` alone would wait for idle keep-alive connections too, and a
 * connection that turns idle later would be kept for the next request: it is told to close and swept.
 */
export async function drainServer(server: Server, timeoutMs: number): Promise<Drained> {
  server.prependListener('request', (_req, res) => res.setHeader('connection', 'close'))
  const closed = once(server, 'close')
  server.close()
  const sweep = setInterval(() => server.closeIdleConnections(), sweepIntervalMs)
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
