import { afterEach, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { openRawConnection } from './raw-connection.ts'

let app: FixtureApp

afterEach(() => app.close())

function requestLines() {
  return app.logLines().filter((line) => line['msg'] === 'request')
}
function lastLine() {
  return requestLines().at(-1)
}

async function sampleOf(name: string, labels: Record<string, string>) {
  const lines = (await app.metrics.render()).split('\n')
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const line = lines.find(
    (each) => each.startsWith(`${name}{`) && wanted.every((label) => each.includes(label)),
  )
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

describe('the log', () => {
  test('has one line per request, by pattern and never by path', async () => {
    app = await openFixtureApp()
    const { client, id } = await app.signUp()
    const before = requestLines().length

    const response = await client.api.parcels[':id'].$get({
      param: { id: '01234567-0123-7123-8123-0123456789ab' },
    })
    await expect.poll(() => requestLines().length).toBe(before + 1)

    expect(lastLine()).toEqual({
      level: 'info',
      time: expect.any(String) as string,
      msg: 'request',
      method: 'GET',
      route: '/api/parcels/:id',
      status: 404,
      duration_ms: expect.any(Number) as number,
      request_id: response.headers.get('x-request-id'),
      user_id: id,
      error_code: 'not_found',
    })
    expect(app.logText()).not.toContain('01234567-0123')
  })

  test('keeps passwords, cookies and tokens to itself, whatever way they come', async () => {
    app = await openFixtureApp()
    const { cookie, email, password } = await app.signUp({ password: 'correct horse hunter2' })
    const token = decodeURIComponent(cookie).split('=')[1]?.split('.')[0] ?? ''
    const post = (path: string, body: string, headers: Record<string, string> = {}) =>
      fetch(app.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'http://localhost:3000', cookie, ...headers },
        body,
      })

    await post('/api/auth/sign-in/email', JSON.stringify({ email, password }))
    await post('/api/auth/sign-in/email', JSON.stringify({ email, password: `${password} not` }))
    await post('/api/auth/sign-up/email', JSON.stringify({ name: 'again', email, password }))
    await post('/api/auth/sign-in/email', `{"email":"${email}","password":"${password}`)
    await post('/api/parcels', JSON.stringify({ label: password, password }))
    await post('/api/me', '', { authorization: `Bearer ${token}` })
    await fetch(`${app.url}/api/parcels?cursor=${encodeURIComponent(password)}`, { headers: { cookie } })
    await fetch(`${app.url}/api/auth/reset-password/${token}?callbackURL=/x`, { redirect: 'manual' })
    await expect.poll(() => requestLines().length).toBeGreaterThanOrEqual(9)

    expect(token.length).toBeGreaterThan(20)
    expect(app.logText()).not.toMatch(/hunter2|correct(%20|\+| )horse|session_token|Bearer/)
    expect(app.logText()).not.toContain(token)
    expect(app.logText()).not.toContain(email)
  })

  test('has the stack of a fault of ours, once, while the client learns nothing', async () => {
    const broken = () => Promise.reject(new Error('disk at /dev/sda1 is on fire'))
    app = await openFixtureApp({ health: { database: broken } })

    const response = await app.client.api.health.db.$get()
    const text = await response.text()
    await expect.poll(() => requestLines().length).toBe(1)

    expect(response.status as number).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ code: 'internal' })
    expect(text).not.toMatch(/sda1|fire|stack|\.ts/)
    expect(app.logText().match(/on fire/g)).toHaveLength(1)
    expect(lastLine()).toMatchObject({
      level: 'error',
      err: { stack: expect.stringMatching(/at /) as string },
    })
  })

  test.each([
    ['53100', 'error'],
    ['53300', 'warn'],
  ])('of a refusal by the database with %s is written as %s', async (code, level) => {
    const full = Object.assign(new Error('no space left on device'), { severity: 'ERROR', code })
    app = await openFixtureApp({ health: { database: () => Promise.reject(full) } })

    const response = await app.client.api.health.db.$get()

    expect(response.status as number).toBe(503)
    await expect.poll(lastLine).toMatchObject({ level, status: 503 })
  })

  test('tells of a client that hung up before its answer', async () => {
    const gate = Promise.withResolvers<{ ready: true }>()
    app = await openFixtureApp({ health: { ready: () => gate.promise } })
    const connection = await openRawConnection(app.port)
    connection.write('GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await expect.poll(() => app.metrics.render()).toMatch(/^http_requests_in_flight 1$/m)

    connection.destroy()
    await expect
      .poll(() => new Promise((resolve) => app.server.node.getConnections((_err, count) => resolve(count))))
      .toBe(0)
    gate.resolve({ ready: true })

    await expect.poll(lastLine).toMatchObject({ route: '/readyz', client_hung_up: true })
    expect(await app.metrics.render()).toMatch(/^http_requests_in_flight 0$/m)
  })
})

describe('the metrics', () => {
  test('have every route at zero before anybody called', async () => {
    app = await openFixtureApp()

    const labels = { method: 'PATCH', route: '/api/parcels/:id', status: '200' }

    expect(await sampleOf('http_requests_total', labels)).toBe(0)
    expect(
      await sampleOf('http_request_duration_seconds_count', { method: 'POST', route: '/api/auth/*' }),
    ).toBe(0)
  })

  test('count by pattern and know no label that a client can invent', async () => {
    app = await openFixtureApp()

    await fetch(`${app.url}/livez`)
    await fetch(`${app.url}/livez`, { method: 'HEAD' })
    await fetch(`${app.url}/api/invented/${'x'.repeat(50)}`)
    await fetch(`${app.url}/invented`, { method: 'PROPFIND' })
    await fetch(`${app.url}/livez`, { method: 'DELETE' })
    await expect.poll(() => requestLines().length).toBe(5)
    const count = (labels: Record<string, string>) => sampleOf('http_requests_total', labels)

    expect(await count({ method: 'GET', route: '/livez', status: '200' })).toBe(1)
    expect(await count({ method: 'HEAD', route: '/livez', status: '200' })).toBe(1)
    expect(await count({ method: 'GET', route: 'unmatched', status: '404' })).toBe(1)
    expect(await count({ method: 'other', route: 'unmatched', status: '404' })).toBe(1)
    expect(await count({ method: 'DELETE', route: 'unmatched', status: '405' })).toBe(1)
    expect(await app.metrics.render()).not.toMatch(/invented|PROPFIND/)
  })
})
