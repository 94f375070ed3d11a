import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { openRawConnection, rawRequest } from './raw-connection.ts'

const limit = 64 * 1024

let app: FixtureApp
let cookie: string

beforeAll(async () => {
  app = await openFixtureApp({ settings: { bodyLimitBytes: limit } })
  cookie = (await app.signUp()).cookie
})

afterAll(() => app.close())

function head(requestLine: string, headers: string[] = []) {
  return [`${requestLine} HTTP/1.1`, 'host: localhost', ...headers, '', ''].join('\r\n')
}

const closing = 'connection: close'
function jsonHeaders() {
  return ['content-type: application/json', `cookie: ${cookie}`]
}

function statusOf(answer: string) {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
}
function codeOf(answer: string) {
  return /"code":"(\w+)"/.exec(answer)?.[1]
}

function manyHeaders(count: number) {
  return Array.from({ length: count }, (_, n) => `x-${n}: y`)
}

describe('headers', () => {
  test('up to 100 are read, all of them', async () => {
    // host, connection, cookie and 97 others; the cookie comes last, where Node would drop it first.
    const headers = [closing, ...manyHeaders(97), `cookie: ${cookie}`]

    expect(statusOf(await rawRequest(app.port, head('GET /api/me', headers)))).toBe(200)
  })

  test.each([[101], [1100]])('%i of them are refused', async (count) => {
    const answer = await rawRequest(app.port, head('GET /livez', [closing, ...manyHeaders(count - 2)]))

    expect([statusOf(answer), codeOf(answer)]).toEqual([431, 'headers_too_large'])
    expect(answer).toContain('content-type: application/problem+json')
  })

  test('of more than 16 KiB are refused', async () => {
    const answer = await rawRequest(app.port, head('GET /livez', [`x-long: ${'y'.repeat(17_000)}`]))

    expect([statusOf(answer), codeOf(answer)]).toEqual([431, 'headers_too_large'])
  })

  test.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a method that nobody knows', head('BREW /livez')],
    ['no host', 'GET /livez HTTP/1.1\r\n\r\n'],
    ['two hosts that differ', 'GET /livez HTTP/1.1\r\nHost: a\r\nconnection: close\r\nhost: b\r\n\r\n'],
    ['a host that is none', 'GET /livez HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n'],
    [
      'a host that is no address of the Internet',
      head('GET /livez', [closing]).replace('localhost', '256.256.256.256'),
    ],
    ['a host with a path', 'GET /livez HTTP/1.1\r\nhost: a/b?c\r\nconnection: close\r\n\r\n'],
    ['a backslash in the path', head('GET /a\\..\\b', [closing])],
    ['two lengths', head('POST /api/parcels', ['content-length: 3', 'content-length: 4']) + 'abcd'],
    ['a length and chunks', head('POST /api/parcels', ['content-length: 3', 'transfer-encoding: chunked'])],
    ['a negative length', head('POST /api/parcels', ['content-length: -1'])],
    ['a folded header', head('GET /livez', ['x-a: b\r\n c: d\r\n\tx'])],
    ['a bare line feed', 'GET /livez HTTP/1.1\nhost: a\n\n'],
    ['a NUL in a header', head('GET /livez', ['x-a: b\0c'])],
    ['a tunnel to another host', head('CONNECT example.com:443')],
  ])('with %s are refused as what they are', async (_what, text) => {
    const answer = await rawRequest(app.port, text)

    expect(statusOf(answer)).toBe(400)
    expect(answer.includes('Error:')).toBe(false)
  })

  test('that never end are cut off within six seconds or so', async () => {
    const connection = await openRawConnection(app.port)
    connection.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nx-slow: ')

    const begin = performance.now()
    const answer = await connection.closed(8000)

    expect(statusOf(answer)).toBe(408)
    expect(performance.now() - begin).toBeLessThan(7500)
  }, 10_000)
})

describe('a connection over which nothing has come yet', () => {
  /** Resolves when its time for a head is over. */
  const openSpare = async (own: FixtureApp) => {
    own.server.node.headersTimeout = 100
    const timedOut = once(own.server.node, 'clientError')
    const connection = await openRawConnection(own.port)
    await timedOut
    return connection
  }

  let own: FixtureApp
  beforeEach(async () => {
    own = await openFixtureApp()
  })
  afterEach(() => own.close())

  test('is told nothing when the time for a head is over, and its request is served', async () => {
    const connection = await openSpare(own)

    connection.write(head('GET /livez', [closing]))

    expect(statusOf(await connection.closed())).toBe(200)
  })

  test('is ended in silence when it waits for longer than one between two requests may', async () => {
    expect(own.server.node.timeout).toBe(own.server.node.keepAliveTimeout)
    own.server.node.timeout = 2_000
    const connection = await openSpare(own)

    expect(await connection.closed()).toBe('')
  })
})

describe('a body on the wire', () => {
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
  const end = '0\r\n\r\n'
  const chunked = (headers = [closing]) =>
    head('POST /api/parcels', [...jsonHeaders(), 'transfer-encoding: chunked', ...headers])
  const parcel = '{"label":"a","place":"b"}'

  test('comes in chunks as well', async () => {
    const answer = await rawRequest(
      app.port,
      chunked() + chunk(parcel.slice(0, 7)) + chunk(parcel.slice(7)) + end,
    )

    expect(statusOf(answer)).toBe(201)
  })

  test('that goes on after its length is no request, and the rest is read for a moment: a reset would take the answer', async () => {
    const socket = connect({ port: app.port, host: '127.0.0.1', allowHalfOpen: true })
    const send = (bytes: string | Buffer) => new Promise((done) => socket.write(bytes, done))
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))

    await send(head('POST /api/parcels', [...jsonHeaders(), 'content-length: 2']) + '{}and so on')
    await once(socket, 'end')
    const rest = [await send('more'), await send('and more')]
    socket.end()
    await once(socket, 'close')

    expect(statusOf(answer)).toBe(400)
    expect(rest).toEqual([null, null])
  })

  test('of exactly the limit in chunks is read', async () => {
    const parts = [parcel, ' '.repeat(limit - parcel.length)].map(chunk).join('')

    expect(statusOf(await rawRequest(app.port, chunked() + parts + end))).toBe(201)
  })

  test('of one byte more in chunks is refused', async () => {
    const parts = [parcel, ' '.repeat(limit - parcel.length), ' '].map(chunk).join('')

    const answer = await rawRequest(app.port, chunked() + parts + end)

    expect([statusOf(answer), codeOf(answer)]).toEqual([413, 'payload_too_large'])
  })

  test('without end in chunks is refused long before it is over, and then cut off', async () => {
    const connection = await openRawConnection(app.port)
    connection.write(chunked([]))
    for (let sent = 0; sent <= limit; sent += 8192) connection.write(chunk(' '.repeat(8192)))

    const answer = await connection.closed(3000)

    expect([statusOf(answer), codeOf(answer)]).toEqual([413, 'payload_too_large'])
  })

  test('that says it is too long is refused before it is sent', async () => {
    const headers = [...jsonHeaders(), `content-length: ${limit + 1}`, closing]
    const connection = await openRawConnection(app.port)
    connection.write(head('POST /api/parcels', headers))

    const answer = await connection.waitFor(/"code":"\w+"/)
    connection.destroy()

    expect([statusOf(answer), codeOf(answer)]).toEqual([413, 'payload_too_large'])
  })

  test.each([
    ['that is too long', 413, () => jsonHeaders()],
    ['of a stranger', 401, () => ['content-type: application/json']],
    ['of a foreign page', 403, () => [...jsonHeaders(), 'origin: https://evil.example']],
  ])(
    '%s leaves the answer to a client that reads only after its last byte',
    async (_what, status, headers) => {
      const body = Buffer.alloc(20 * 1024 * 1024, ' ')
      const request = head('POST /api/parcels', [...headers(), `content-length: ${body.byteLength}`])
      const socket = connect(app.port, '127.0.0.1')
      const send = (bytes: string | Buffer) => new Promise((done) => socket.write(bytes, done))

      await send(request)
      const failure = await send(body)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      socket.destroy()

      expect(failure).toBeNull()
      expect(statusOf(answer.toString())).toBe(status)
    },
  )

  test('longer than it says cannot smuggle a second request', async () => {
    const rest = 'GARBAGE /api/me HTTP/1.1\r\n\r\n'
    const headers = [...jsonHeaders(), `content-length: ${parcel.length}`]

    const answer = await rawRequest(app.port, head('POST /api/parcels', headers) + parcel + rest)

    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400'])
  })

  test('shorter than it says, by a client that hangs up, is no fault of ours', async () => {
    const before = app.logLines().length
    const connection = await openRawConnection(app.port)
    connection.write(head('POST /api/parcels', [...jsonHeaders(), 'content-length: 500']) + parcel)
    connection.destroy()

    // The request of the test above may be logged in between.
    await expect
      .poll(() => app.logLines().slice(before), { timeout: 5000 })
      .toContainEqual(expect.objectContaining({ level: 'info', status: 400, client_hung_up: true }))
  })

  test('with a chunk size that is none is refused', async () => {
    const answer = await rawRequest(app.port, `${chunked()}zz\r\nabc\r\n${end}`)

    expect(statusOf(answer)).toBe(400)
  })

  test('for sign-in has the same limit', async () => {
    const headers = ['content-type: application/json', 'transfer-encoding: chunked', closing]
    const parts = Array.from({ length: 9 }, () => chunk(' '.repeat(8192))).join('')

    const answer = await rawRequest(app.port, head('POST /api/auth/sign-in/email', headers) + parts + end)

    expect([statusOf(answer), codeOf(answer)]).toEqual([413, 'payload_too_large'])
  })
})
