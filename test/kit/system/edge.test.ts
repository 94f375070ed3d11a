/** What a hostile or broken client meets at the front door: bytes as they stand, over TLS, on the running stack. */
import { once } from 'node:events'
import { connect } from 'node:tls'

import { afterEach, describe, expect, it } from 'vitest'

import { request, sql, stack } from '../support/stack.ts'
import { until } from '../support/until.ts'

const path = '/api/auth/sign-up/email'
const open: { destroy: () => void }[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
})

/** A bare TLS connection to Caddy: no HTTP client repairs what is sent, or refuses to send it. */
async function openRaw() {
  const socket = connect({
    host: '127.0.0.1',
    port: stack().httpsPort,
    servername: 'localhost',
    ALPNProtocols: ['http/1.1'],
    // The tests of the stack verify the certificate; these are about what comes after.
    rejectUnauthorized: false,
  })
  open.push(socket)
  let received = ''
  let closedAt = 0
  const openedAt = performance.now()
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
  // A reset by the server is an end like any other here.
  socket.on('error', () => undefined)
  socket.on('close', () => (closedAt = performance.now()))
  await once(socket, 'secureConnect')
  const explain = () => `received: ${received}`
  return {
    write: (text: string) => socket.write(text),
    received: () => received,
    statuses: () => [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status),
    /** Status of the first answer. */
    status: (deadlineMs = 5_000) =>
      until('an answer', () => /^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1], { deadlineMs, explain }),
    /** Resolves with the milliseconds from opening to the server's end. */
    closed: (deadlineMs = 5_000) =>
      until('the end', () => closedAt > 0 && closedAt - openedAt, { deadlineMs, explain }),
  }
}

function host() {
  return `Host: localhost:${stack().httpsPort}\r\n`
}
function postHead(fields: string) {
  return `POST ${path} HTTP/1.1\r\n${host()}Content-Type: application/json\r\n${fields}\r\n`
}

describe('slow clients', () => {
  it('headers that do not end › are cut after 5 s, however often a byte comes', async () => {
    const raw = await openRaw()
    raw.write(`GET /api/health/db HTTP/1.1\r\n${host()}`)
    const drip = setInterval(() => raw.write('X'), 500)

    const tookMs = await raw.closed(10_000).finally(() => clearInterval(drip))

    expect(tookMs).toBeGreaterThan(4_000)
    expect(tookMs).toBeLessThan(7_500)
  })

  it('a body that does not end › is cut after 15 s, however often a byte comes', async () => {
    const raw = await openRaw()
    raw.write(postHead('Content-Length: 1000\r\n') + '{"name":"')
    const drip = setInterval(() => raw.write('x'), 500)

    const tookMs = await raw.closed(25_000).finally(() => clearInterval(drip))

    expect(tookMs).toBeLessThan(20_000)
    expect(raw.received()).not.toMatch(/^HTTP\/1\.1 [25]/)
  })

  it('500 of both kinds at once › are all gone in the same times, and others are served meanwhile', async () => {
    const beginnings = [
      `GET /api/health/db HTTP/1.1\r\n${host()}X-Slow: `,
      postHead('Content-Length: 1000\r\n'),
    ]
    const opened = await Promise.all(Array.from({ length: 500 }, openRaw))
    for (const [number, raw] of opened.entries()) raw.write(beginnings[number % 2] ?? '')
    const drip = setInterval(() => {
      for (const raw of opened) raw.write('x')
    }, 1_000)
    const tookMs: number[] = []
    const ended = Promise.all(opened.map((raw) => raw.closed(30_000))).finally(() => clearInterval(drip))
    const state = { isOver: false }
    void ended.finally(() => (state.isOver = true)).catch(() => undefined)

    while (!state.isOver) {
      const begin = performance.now()
      expect((await request('/api/health/db')).status).toBe(200)
      tookMs.push(performance.now() - begin)
    }

    const lasted = await ended
    const [heads, bodies] = [0, 1].map((kind) =>
      Math.max(...lasted.filter((_, number) => number % 2 === kind)),
    )
    expect(heads).toBeLessThan(10_000)
    expect(bodies).toBeLessThan(20_000)
    // Before the attack it is tens of milliseconds; the tight figure belongs to a quiet machine.
    expect(Math.max(...tookMs)).toBeLessThan(2_000)
  })
})

describe('limits', () => {
  it('a body of 1 GB, declared › is refused with 413 before 3 MiB of it', async () => {
    const raw = await openRaw()
    raw.write(postHead('Content-Length: 1073741824\r\n'))
    for (let sent = 0; sent < 48; sent += 1) raw.write('x'.repeat(65_536))

    expect(await raw.status()).toBe('413')
  })

  it('a body of 1 GB, declared and never sent › is refused with 413 at once', async () => {
    const raw = await openRaw()
    raw.write(postHead('Content-Length: 1073741824\r\n'))

    expect(await raw.status()).toBe('413')
    expect(raw.received()).toMatch(/^content-type: application\/problem\+json/im)
    expect(await raw.closed()).toBeLessThan(5_000)
  })

  it('a chunked body that never ends › is refused with 413 before 32 MiB of it', async () => {
    const raw = await openRaw()
    raw.write(postHead('Transfer-Encoding: chunked\r\n'))
    for (let sent = 0; sent < 512; sent += 1) raw.write(`10000\r\n${'x'.repeat(65_536)}\r\n`)

    expect(await raw.status()).toBe('413')
  })

  it('a header of 40 KB › is refused with 431', async () => {
    const raw = await openRaw()
    raw.write(`GET /api/health/db HTTP/1.1\r\n${host()}X-Long: ${'x'.repeat(40_960)}\r\n\r\n`)

    expect(await raw.status()).toBe('431')
  })

  it('120 headers › are refused with 431', async () => {
    const raw = await openRaw()
    const many = Array.from({ length: 120 }, (_, n) => `X-${n}: 1\r\n`).join('')
    raw.write(`GET /api/health/db HTTP/1.1\r\n${host()}${many}\r\n`)

    expect(await raw.status()).toBe('431')
  })
})

describe('smuggling', () => {
  it.each([
    ['two lengths that differ', 'Content-Length: 2\r\nContent-Length: 3\r\n', '400'],
    ['a length with a sign', 'Content-Length: +2\r\n', '400'],
    ['a space before the colon', 'Content-Length : 2\r\n', '400'],
    ['two transfer encodings', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '501'],
    ['an unknown transfer encoding', 'Transfer-Encoding: xchunked\r\n', '501'],
  ])('%s › is refused, and the connection closed', async (_shape, fields, status) => {
    const raw = await openRaw()
    raw.write(`${postHead(fields)}{}GET /api/health/db HTTP/1.1\r\n${host()}\r\n`)

    await raw.closed()
    expect(raw.statuses()).toEqual([status])
  })

  it('a length beside chunks › never makes a second request of the body', async () => {
    const raw = await openRaw()
    // Who believes the length finds this request behind four bytes of body, and answers it with 401.
    const inner = `GET /api/me HTTP/1.1\r\n${host()}\r\n`
    const body = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`
    const next = `GET /api/health/db HTTP/1.1\r\n${host()}Connection: close\r\n\r\n`
    raw.write(`${postHead('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n')}${body}${next}`)

    await raw.closed(10_000)
    expect(raw.statuses()).toSatisfy((all: string[]) => ['400', '400,200'].includes(all.join()))
  })

  it('an X-Forwarded-For from outside › chooses no bucket of the rate limit', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.9, 10.0.0.1' }
    const body = { email: 'nobody@example.com', password: 'long enough for anybody' }
    const answer = await request('/api/auth/sign-in/email', { method: 'POST', headers, body })

    const buckets = await sql('SELECT key FROM rate_limit')

    expect(answer.status).toBe(401)
    expect(buckets).toMatch(/sign-in/)
    expect(buckets).not.toMatch(/203\.0\.113|10\.0\.0\.1\b/)
  })

  it('afterwards › the API answers everybody else', async () => {
    expect((await request('/api/health/db')).status).toBe(200)
  })
})
