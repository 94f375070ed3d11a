import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'

export interface TlsDatabaseProxy {
  port: number
  /** PEM of the authority behind the certificate. */
  ca: string
  close: () => Promise<void>
}

/** A self-signed certificate for one DNS name, good for a day. */
const createCertificate = (name: string): { key: string; cert: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  try {
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '1',
    ]
    const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
    execFileSync('openssl', [...request, ...names, '-keyout', key, '-out', cert], { stdio: 'pipe' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Speaks TLS the way PostgreSQL does (SSLRequest, S, handshake) and passes the rest on, so that any server can be behind it. */
export const openTlsDatabaseProxy = async (
  upstream: { host: string; port: number },
  certificateName: string,
): Promise<TlsDatabaseProxy> => {
  const { key, cert } = createCertificate(certificateName)
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
