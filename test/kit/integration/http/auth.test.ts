import postgres from 'postgres'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { cookiesOf } from '../../support/test-app.ts'

let app: FixtureApp

afterEach(() => app.close())

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${app.url}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:3000', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

async function problemOf(response: Response) {
  return (await response.json()) as Record<string, unknown>
}

describe('signing in', () => {
  test('gives a session that works and that signing out ends', async () => {
    app = await openFixtureApp()
    const { email, password } = await app.signUp()

    const signedIn = await post('/sign-in/email', { email, password })
    const headers = { cookie: cookiesOf(signedIn) }
    const before = await fetch(`${app.url}/api/me`, { headers })
    const signedOut = await post('/sign-out', {}, headers)
    const after = await fetch(`${app.url}/api/me`, { headers })

    expect([signedIn.status, before.status, signedOut.status, after.status]).toEqual([200, 200, 200, 401])
    expect(signedIn.headers.getSetCookie()[0]).toMatch(/; HttpOnly; SameSite=Lax/)
  })

  test('lasts as long as it is used: a session due for it is prolonged by any answer, a refusal too', async () => {
    app = await openFixtureApp()
    const { cookie, id } = await app.signUp()
    const admin = postgres(app.database.urlFor('postgres'), { max: 1 })
    onTestFinished(() => admin.end({ timeout: 1 }))
    const age = () => admin`UPDATE session SET expires_at = now() + interval '5 days' WHERE user_id = ${id}`
    const read = (path: string) => fetch(app.url + path, { headers: { cookie } })

    const fresh = await read('/api/me')
    await age()
    const due = await read('/api/me')
    await age()
    const refused = await read('/api/parcels/none')

    expect(fresh.headers.getSetCookie()).toEqual([])
    expect([due.status, refused.status]).toEqual([200, 404])
    for (const { headers } of [due, refused]) {
      expect(headers.getSetCookie()[0]).toMatch(/session_token=.*Max-Age=604800/)
    }
  })

  test('with the wrong password and with an unknown address fails in the same words', async () => {
    app = await openFixtureApp()
    const { email } = await app.signUp()

    const wrong = await post('/sign-in/email', { email, password: 'not the password' })
    const unknown = await post('/sign-in/email', { email: `x${email}`, password: 'not the password' })

    expect([wrong.status, unknown.status]).toEqual([401, 401])
    const [ofWrong, ofUnknown] = [await problemOf(wrong), await problemOf(unknown)]
    expect({ ...ofWrong, request_id: '' }).toEqual({ ...ofUnknown, request_id: '' })
  })

  test('in vain is answered by a problem that keeps what the client of Better Auth reads', async () => {
    app = await openFixtureApp()

    const response = await post('/sign-in/email', {
      email: 'nobody@example.com',
      password: 'not the password',
    })

    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await problemOf(response)).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'Invalid email or password',
      message: 'Invalid email or password',
      code: 'INVALID_EMAIL_OR_PASSWORD',
      request_id: response.headers.get('x-request-id'),
    })
  })

  test('too often is refused with the time to wait, by the address that the proxy names', async () => {
    app = await openFixtureApp({ rateLimits: true, settings: { trustedProxies: ['127.0.0.0/8'] } })
    const attempt = (forwarded: string, others: Record<string, string> = {}) =>
      post(
        '/sign-in/email',
        { email: 'a@example.com', password: 'wrong-password' },
        {
          'x-forwarded-for': forwarded,
          ...others,
        },
      )

    const statuses: number[] = []
    for (let n = 0; n < 4; n += 1) {
      statuses.push(
        (await attempt(`10.0.0.${n}, 198.51.100.7`, { 'x-client-address': `192.0.2.${n}` })).status,
      )
    }
    const limited = await attempt('198.51.100.7')
    const another = await attempt('198.51.100.8')

    expect(statuses.slice(0, 3)).toEqual([401, 401, 401])
    expect([statuses[3], limited.status, another.status]).toEqual([429, 429, 401])
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('too often is refused to a stranger, whatever addresses it claims', async () => {
    app = await openFixtureApp({ rateLimits: true })
    const attempt = (n: number) =>
      post(
        '/sign-in/email',
        { email: 'a@example.com', password: 'wrong-password' },
        {
          'x-forwarded-for': `198.51.100.${n}`,
          'x-client-address': `192.0.2.${n}`,
          'x-real-ip': `192.0.2.${n}`,
          forwarded: `for=192.0.2.${n}`,
        },
      )

    const statuses: number[] = []
    for (let n = 0; n < 5; n += 1) statuses.push((await attempt(n)).status)

    expect(statuses).toEqual([401, 401, 401, 429, 429])
  })
})
