import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '../../errors.ts'

const reasons: Record<string, string> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be opened by this user',
  EADDRNOTAVAIL: 'is on an address that this machine does not have',
}

/** Opens the listener of `key` (HTTP or METRICS) and returns the port it got. */
export async function listen(
  server: Server,
  address: { key: string; host: string; port: number },
): Promise<number> {
  const { key, host, port } = address
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    throw new AppError(
      'internal',
      `port ${port} on ${host} ${reasons[code] ?? `cannot be opened: ${code}`}`,
      {
        hint: `stop what uses it, or set ${key}_PORT to a free one`,
        cause,
      },
    )
  }
}
