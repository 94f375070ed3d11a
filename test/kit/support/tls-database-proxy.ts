import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { createCertificate } from './certificate.ts'

export interface TlsDatabaseProxy {
  port: number
  /** PEM of the authority behind the certificate. */
  ca: string
  close: () => Promise<void>
}

/** Speaks TLS the way PostgreSQL does (SSLRequest, S, handshake) and passes the rest on, so that any server can be behind it. */
export async function openTlsDatabaseProxy(
  upstream: { host: string; port: number },
  certificateName: string,
): Promise<TlsDatabaseProxy> {
  const { key, cert } = createCertificate([`DNS:${certificateName}`])
  const server = createServer((client) => {
    client.on('error', () => client.destroy())
    client.once('data', () => {
      client.write('S')
      const secured = new TLSSocket(client, { isServer: true, key, cert })
      const behind = connect(upstream.port, upstream.host)
      secured.on('error', () => behind.destroy())
      behind.on('error', () => secured.destroy())
      secured.pipe(behind).pipe(secured)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    close: async () => {
      server.close()
      await Promise.resolve()
    },
  }
}
