import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/**
 * A port that was free a moment ago, for servers that cannot be told 0 (PostgreSQL). Whoever takes it must be ready to
 * try the next one; our own servers listen on 0 instead and say which they got.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
