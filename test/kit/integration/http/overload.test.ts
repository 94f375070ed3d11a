import { afterEach, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { until } from '../../support/until.ts'
import { openRawConnection } from './raw-connection.ts'
import postgres from 'postgres'

let app: FixtureApp

afterEach(() => app.close())

function url() {
  return `${app.url}/api/parcels`
}

/** Makes every request for parcels wait, without a deadline of the database's own. */
async function lockParcels() {
  const admin = postgres(app.database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
  const held = Promise.withResolvers<undefined>()
  const locked = Promise.withResolvers<undefined>()
  const transaction = admin.begin(async (tx) => {
    await tx`lock table parcels in access exclusive mode`
    locked.resolve(undefined)
    await held.promise
  })
  await locked.promise
  return async () => {
    held.resolve(undefined)
    await transaction
    await admin.end({ timeout: 5 })
  }
}

async function inFlight() {
  return Number(/^http_requests_in_flight (\d+)$/m.exec(await app.metrics.render())?.[1])
}

describe('more requests than may run at the same time', () => {
  test('are refused at once with Retry-After, while health is not, and are served when there is room again', async () => {
    app = await openFixtureApp({ maxConcurrentRequests: 3 })
    const { cookie } = await app.signUp()
    const unlock = await lockParcels()
    const running = Array.from({ length: 3 }, () => fetch(url(), { headers: { cookie } }))
    await until('three run', async () => (await inFlight()) === 3)

    const begin = performance.now()
    const refused = await fetch(url(), { headers: { cookie } })
    const tookMs = performance.now() - begin

    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toMatch(/^[123]$/)
    expect(await refused.json()).toMatchObject({ code: 'unavailable', detail: 'the server is busy' })
    // Far below what the running ones wait; the tight figure belongs to a quiet machine.
    expect(tookMs).toBeLessThan(1_000)
    for (const path of ['/livez', '/readyz', '/api/health/db']) {
      expect((await fetch(app.url + path)).status).toBe(200)
    }
    await unlock()
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await fetch(url(), { headers: { cookie } })).status).toBe(200)
  })

  test('are not those whose body is still under way', async () => {
    app = await openFixtureApp({ maxConcurrentRequests: 2 })
    const { cookie } = await app.signUp()
    const slow = await Promise.all(Array.from({ length: 6 }, () => openRawConnection(app.port)))
    for (const connection of slow) {
      connection.write(
        `POST /api/parcels HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{`,
      )
      await until('it is read', async () => (await inFlight()) > slow.indexOf(connection))
    }

    await until(
      'another one is served',
      async () => (await fetch(url(), { headers: { cookie } })).status === 200,
    )

    for (const connection of slow) connection.destroy()
  })
})

/** Below the server's lock_timeout of 2 s, and long enough to hash a password on a busy machine while signing up. */
const requestTimeoutMs = 1_500

describe('a request that takes too long', () => {
  test('is answered 503 at its deadline, and frees its place', async () => {
    app = await openFixtureApp({ settings: { requestTimeoutMs }, maxConcurrentRequests: 1 })
    const { cookie } = await app.signUp()
    const unlock = await lockParcels()
    const begin = performance.now()

    const answer = await fetch(url(), { headers: { cookie } })
    const tookMs = performance.now() - begin
    await unlock()

    expect(answer.status).toBe(503)
    expect(await answer.json()).toMatchObject({ detail: 'the answer took too long' })
    expect(tookMs).toBeGreaterThan(requestTimeoutMs - 10)
    expect(tookMs).toBeLessThan(requestTimeoutMs * 2)
    expect((await fetch(url(), { headers: { cookie } })).status).toBe(200)
  })

  test('because its body does not arrive is answered 408', async () => {
    app = await openFixtureApp({ settings: { requestTimeoutMs } })
    const { cookie } = await app.signUp()
    const connection = await openRawConnection(app.port)
    connection.write(
      `POST /api/parcels HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{`,
    )

    const answer = await connection.waitFor(/"code":"\w+"/)
    connection.destroy()

    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })
})
