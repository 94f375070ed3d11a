import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { openTcpRelay } from './tcp-relay.ts'

let app: FixtureApp

afterEach(() => app.close())

/** Nothing listens on port 1. */
const nowhere = 'postgres://app:secret-of-the-url@127.0.0.1:1/app'

describe('liveness', () => {
  test('needs no database', async () => {
    app = await openFixtureApp({ reroute: () => nowhere })

    const response = await app.client.livez.$get()

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'live' })
  })
})

describe('readiness', () => {
  test('is green when nothing is amiss', async () => {
    app = await openFixtureApp()

    const response = await app.client.readyz.$get()

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ready' })
  })

  test.each([
    ['draining'],
    ['database_away'],
    ['session_settings'],
    ['migrations_missing'],
    ['privileges_missing'],
  ] as const)('is red while it is %s and says why', async (reason) => {
    app = await openFixtureApp({
      health: { ready: () => Promise.resolve({ ready: false, reason, hint: 'run make migrate' }) },
    })

    const response = await app.client.readyz.$get()

    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code: 'unavailable', reason, hint: 'run make migrate' })
    await expect.poll(() => app.logLines().at(-1)).toMatchObject({ level: 'warn', reason, route: '/readyz' })
  })
})

describe('the health of the database', () => {
  test('names its latency, its version and its migrations and no secret', async () => {
    app = await openFixtureApp()

    const response = await app.client.api.health.db.$get()
    const body = await response.json()

    expect(response.status).toBe(200)
    expect(body).toEqual({
      status: 'ok',
      latencyMs: expect.any(Number) as number,
      serverVersion: expect.stringMatching(/^1[678]/) as string,
      migrationsApplied: 1,
      migrationsMissing: 0,
    })
  })
})

describe('with the database away', () => {
  test('every route that needs it answers 503 with Retry-After and keeps the address to itself', async () => {
    app = await openFixtureApp({ reroute: () => nowhere })
    const post = (path: string, body: object) =>
      fetch(app.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'http://localhost:3000' },
        body: JSON.stringify(body),
      })

    const answers = [
      await app.client.api.health.db.$get(),
      await post('/api/auth/sign-in/email', { email: 'a@example.com', password: 'hunter2-hunter2' }),
      await post('/api/auth/sign-up/email', {
        name: 'a',
        email: 'a@example.com',
        password: 'hunter2-hunter2',
      }),
    ]

    for (const answer of answers) {
      expect(answer.status).toBe(503)
      expect(answer.headers.get('retry-after')).toMatch(/^[123]$/)
      const text = await answer.text()
      expect(JSON.parse(text)).toMatchObject({ code: 'unavailable' })
      expect(text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|secret-of-the-url/)
    }
    expect(app.logText()).not.toMatch(/secret-of-the-url|hunter2/)
  })

  test('a signed-in user gets 503 while it is and is served again when it is back', async () => {
    const relay = await openTcpRelay(inject('postgres'))
    const reroute = (url: string) => Object.assign(new URL(url), { host: `127.0.0.1:${relay.port}` }).href
    app = await openFixtureApp({ reroute })
    onTestFinished(() => relay.close())
    const { client } = await app.signUp()
    expect((await client.api.me.$get()).status).toBe(200)

    await relay.down()
    const away = await client.api.me.$get()
    await relay.up()

    expect(away.status).toBe(503)
    expect(await away.json()).toMatchObject({ code: 'unavailable' })
    await expect.poll(async () => (await client.api.me.$get()).status, { timeout: 5000 }).toBe(200)
  })
})
