import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { openTlsDatabaseProxy, type TlsDatabaseProxy } from '../../support/tls-database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let database: TestDatabase
let named: TlsDatabaseProxy
let misnamed: TlsDatabaseProxy

beforeAll(async () => {
  database = await createTestDatabase()
  named = await openTlsDatabaseProxy(inject('postgres'), 'localhost')
  misnamed = await openTlsDatabaseProxy(inject('postgres'), 'db.example.org')
})

afterAll(async () => {
  await named.close()
  await misnamed.close()
  await database.close()
})

function urlTo(port: number, host: string, sslmode: string): string {
  const url = new URL(database.urlFor('app'))
  url.hostname = host
  url.port = String(port)
  url.searchParams.set('sslmode', sslmode)
  return url.href
}

async function connectTo(url: string, ca?: string): Promise<string> {
  const handle: DatabaseHandle = openDatabase({ ...poolSettings, url, ca, applicationName: 'slipway-test' })
  try {
    return (await handle.ping(5_000)).serverVersion
  } catch (err) {
    return (err as { code?: string }).code ?? String(err)
  } finally {
    await handle.close()
  }
}

describe('TLS to the database', () => {
  it('is verified with the authority that was given', async () => {
    expect(await connectTo(urlTo(named.port, 'localhost', 'verify-full'), named.ca)).toMatch(/^1\d\./)
  })

  it('is refused when the certificate is of an unknown authority', async () => {
    const code = await connectTo(urlTo(named.port, 'localhost', 'verify-full'))

    expect(code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  it('is refused when the certificate is for another name', async () => {
    const code = await connectTo(urlTo(misnamed.port, 'localhost', 'verify-full'), misnamed.ca)

    expect(code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  it('is refused by address when the certificate has only a name', async () => {
    const code = await connectTo(urlTo(named.port, '127.0.0.1', 'verify-full'), named.ca)

    expect(code).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })

  it('asks for the authority alone with verify-ca', async () => {
    expect(await connectTo(urlTo(misnamed.port, 'localhost', 'verify-ca'), misnamed.ca)).toMatch(/^1\d\./)
  })

  it('is verified as soon as an authority is given, whatever sslmode says', async () => {
    const code = await connectTo(urlTo(named.port, 'localhost', 'require'), misnamed.ca)

    expect(code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
  })

  it('is encrypted without a check under require, as libpq does it', async () => {
    expect(await connectTo(urlTo(misnamed.port, 'localhost', 'require'))).toMatch(/^1\d\./)
  })
})
