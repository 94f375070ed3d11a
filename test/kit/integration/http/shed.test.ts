import { afterEach, describe, expect, test } from 'vitest'
import type { Slot } from '../../../../src/kit/http/gate.ts'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { until } from '../../support/until.ts'
import { openRawConnection, rawRequest } from './raw-connection.ts'

let app: FixtureApp
let taken: Slot[] = []

afterEach(() => app.close())

/** An app whose places are all taken, by nobody. */
async function openFullApp() {
  app = await openFixtureApp({ maxConcurrentRequests: 2 })
  const user = await app.signUp()
  taken = Array.from({ length: 2 }, () => app.gate.slot())
  for (const slot of taken) slot.enter()
  return user
}

function leaveAll() {
  for (const slot of taken) slot.leave()
}

async function shedCount() {
  return Number(
    /^http_requests_total\{method="any",route="shed",status="503"\} (\d+)$/m.exec(
      await app.metrics.render(),
    )?.[1],
  )
}

describe('a request that is shed', () => {
  test('is answered in the form of every other problem, by an id of its own', async () => {
    await openFullApp()

    const [one, other] = await Promise.all([fetch(`${app.url}/api/me`), fetch(`${app.url}/api/me`)])
    const problem = (await one.json()) as { request_id: string }

    expect([one.status, one.headers.get('content-type')]).toEqual([503, 'application/problem+json'])
    expect(problem).toMatchObject({ status: 503, code: 'unavailable', detail: 'the server is busy' })
    expect(one.headers.get('x-request-id')).toBe(problem.request_id)
    expect(other.headers.get('x-request-id')).not.toBe(problem.request_id)
    expect(one.headers.get('retry-after')).toMatch(/^[123]$/)
    expect(one.headers.get('x-content-type-options')).toBe('nosniff')
    expect(one.headers.get('cache-control')).toBe('no-store')
  })

  test('is counted, and stands in one line per second for all of them', async () => {
    await openFullApp()
    const before = app.logLines().length

    await Promise.all(Array.from({ length: 7 }, () => fetch(`${app.url}/api/me`)))
    await until('the line', () => app.logLines().length > before)

    expect(app.logLines().slice(before)).toEqual([
      expect.objectContaining({ level: 'warn', msg: 'requests were shed', shed: 7 }),
    ])
    expect(await shedCount()).toBe(7)
  })

  test('is asked for by its whole address and shed all the same', async () => {
    await openFullApp()
    const connection = await openRawConnection(app.port)
    connection.write('GET http://localhost/api/me HTTP/1.1\r\nhost: localhost\r\n\r\n')

    const answer = await connection.waitFor(/"code":"\w+"/)
    connection.destroy()

    expect(answer).toMatch(/^HTTP\/1\.1 503 .*"detail":"the server is busy"/s)
  })

  test('keeps its connection, body and all', async () => {
    const { cookie } = await openFullApp()
    const connection = await openRawConnection(app.port)
    connection.write('POST /api/parcels HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nabcd')
    await connection.waitFor(/"code":"unavailable"/)
    leaveAll()

    connection.write(`GET /api/me HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\n\r\n`)
    const answer = await connection.waitFor(/"email":/)
    connection.destroy()

    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200'])
  })

  test('loses its connection when its chunks do not end soon', async () => {
    await openFullApp()
    const connection = await openRawConnection(app.port)
    connection.write(
      'POST /api/parcels HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n',
    )

    const answer = await connection.closed(3_000)

    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
  })

  test('loses its connection when its body is long', async () => {
    await openFullApp()
    const connection = await openRawConnection(app.port)
    connection.write('POST /api/parcels HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n')
    const begin = performance.now()
    for (let sent = 0; sent < 150; sent += 1) connection.write(`2000\r\n${'x'.repeat(8192)}\r\n`)

    await connection.closed(3_000)

    expect(performance.now() - begin).toBeLessThan(450)
  })

  test('does not overtake the answer before it on the same connection', async () => {
    app = await openFixtureApp({ maxConcurrentRequests: 1 })
    const { cookie } = await app.signUp()
    const connection = await openRawConnection(app.port)
    const get = `GET /api/me HTTP/1.1\r\nhost: localhost\r\ncookie: ${cookie}\r\n\r\n`

    connection.write(get + get)
    const answer = await connection.waitFor(/HTTP.*HTTP.*"code":"\w+"/s)
    connection.destroy()

    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 503'])
  })

  test('has no body when it was asked for the head, and the connection goes on', async () => {
    await openFullApp()
    const connection = await openRawConnection(app.port)
    connection.write(
      'HEAD /api/me HTTP/1.1\r\nhost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n',
    )

    const answer = await connection.waitFor(/"status":"ok"|HTTP.*HTTP[^{]*\r\n\r\n\{/s)
    connection.destroy()

    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 503', 'HTTP/1.1 200'])
    expect(answer).not.toContain('"code":"unavailable"')
  })

  test('ends its connection when it asked for that', async () => {
    await openFullApp()

    const answer = await rawRequest(
      app.port,
      'GET /api/me HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
    )

    expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\nconnection: close\r\n/is)
  })

  test('leaves no connection open longer than any other', async () => {
    await openFullApp()
    app.server.node.keepAliveTimeout = 300
    const connection = await openRawConnection(app.port)
    connection.write('GET /api/me HTTP/1.1\r\nhost: localhost\r\n\r\n')

    const answer = await connection.closed(3_000)

    expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*"code":"unavailable"[^]*\}$/)
  })
})
