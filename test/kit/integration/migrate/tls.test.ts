import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { waitForDatabase } from '../../../../src/kit/migrate/wait-for-database.ts'
import { openTlsDatabaseProxy } from '../../support/tls-database-proxy.ts'
import { openMigratorDatabase } from './support/migrator-database.ts'

/** The session brings its own socket to the driver, so the driver's TLS on top of it is tested here again. */
async function connectTo(host: string, certificateName: string, isTrusted: boolean): Promise<string> {
  const database = await openMigratorDatabase()
  const proxy = await openTlsDatabaseProxy(inject('postgres'), certificateName)
  onTestFinished(() => proxy.close())
  const url = new URL(database.urlFor('migrator'))
  url.hostname = host
  url.port = String(proxy.port)
  url.searchParams.set('sslmode', 'verify-full')
  const settings = {
    url: url.href,
    ca: isTrusted ? proxy.ca : undefined,
    applicationName: 'test',
    connectTimeoutMs: 5_000,
    lockTimeoutMs: 500,
    statementTimeoutMs: 5_000,
  }
  try {
    const session = await waitForDatabase(settings, { waitMs: 5_000, report: () => undefined })
    const [row] = await session.run<{ one: number }>('select 1 as one')
    await session.close()
    return String(row?.one)
  } catch (err) {
    const { exit, publicMessage } = err as { exit: string; publicMessage: string }
    return `${exit}: ${publicMessage}`
  }
}

describe('TLS of the migrator', () => {
  it('is verified with the authority that was given', async () => {
    expect(await connectTo('localhost', 'localhost', true)).toBe('1')
  })

  it('is refused at once for an unknown authority', async () => {
    expect(await connectTo('localhost', 'localhost', false)).toBe(
      'usage: the database refused this connection (DEPTH_ZERO_SELF_SIGNED_CERT)',
    )
  })

  it('is refused at once for another name', async () => {
    expect(await connectTo('localhost', 'db.example.org', true)).toBe(
      'usage: the database refused this connection (ERR_TLS_CERT_ALTNAME_INVALID)',
    )
  })

  it('is refused by address when the certificate has only a name', async () => {
    expect(await connectTo('127.0.0.1', 'localhost', true)).toBe(
      'usage: the database refused this connection (ERR_TLS_CERT_ALTNAME_INVALID)',
    )
  })
})
