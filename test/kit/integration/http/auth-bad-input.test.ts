import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { rawRequest } from './raw-connection.ts'

let app: FixtureApp

beforeAll(async () => {
  app = await openFixtureApp()
})

afterAll(() => app.close())

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${app.url}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:3000', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

describe('under /api/auth', () => {
  test.each([
    ['half a body', '{"email":', 400],
    ['no object', '[]', 400],
    ['null', 'null', 400],
    ['a number', '5', 400],
    ['wrong types', '{"email":{"$gt":""},"password":["a"]}', 400],
    ['an escaped NUL', '{"email":"a\\u0000@example.com","password":"long enough"}', 400],
    ['half a surrogate pair', '{"email":"a@example.com","password":"\\ud83c long enough"}', 400],
    ['nesting without end', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400],
    [
      'nesting without end in a field',
      `{"email":"a@example.com","password":"long enough","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      401,
    ],
    ['a password of 60 kB', JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(60_000) }), 400],
  ])('sign-in with %s is a refusal and no fault', async (_what, body, status) => {
    const response = await post('/sign-in/email', body)

    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  test.each([
    ['a name with NUL', { name: 'a\0b', email: 'a@example.com', password: 'long enough' }],
    ['a name of 60 kB', { name: 'x'.repeat(60_000), email: 'a@example.com', password: 'long enough' }],
    ['no address', { name: 'a', email: 'nonsense', password: 'long enough' }],
    ['a short password', { name: 'a', email: 'a@example.com', password: 'short' }],
    [
      'a foreign callback',
      { name: 'a', email: 'a@example.com', password: 'long enough', callbackURL: 'https://evil.example' },
    ],
  ])('sign-up with %s is a refusal and no fault', async (_what, body) => {
    const response = await post('/sign-up/email', body)

    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(response.status).toBeLessThan(500)
  })

  test('form bodies are refused, which a foreign page could send without asking', async () => {
    const response = await post('/sign-in/email', 'email=a&password=b', {
      'content-type': 'application/x-www-form-urlencoded',
    })

    expect(response.status).toBe(415)
  })

  test.each([
    ['GET', '{"email":"a@example.com"}'],
    ['GET', 'a=b'],
    ['GET', '{'],
    ['HEAD', '{}'],
  ])('%s with the body %s is a refusal and no fault', async (method, body) => {
    const head = [`${method} /api/auth/get-session HTTP/1.1`, 'host: localhost', 'connection: close']
    const lines = [...head, 'content-type: application/json', `content-length: ${body.length}`, '', body]

    const answer = await rawRequest(app.port, lines.join('\r\n'))

    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  test.each([['1.2.3.4.5'], ['256.256.256.256'], ['a.1'], ['localhost:99999']])(
    'the host %s is a refusal and no fault',
    async (host) => {
      for (const path of ['/api/auth/get-session', '/api/auth/ok']) {
        const head = [`GET ${path} HTTP/1.1`, `host: ${host}`, 'connection: close', '', '']

        expect(await rawRequest(app.port, head.join('\r\n'))).toMatch(/^HTTP\/1\.1 400 /)
      }
    },
  )

  test('an unknown address is our 404', async () => {
    const answers = [await post('/no-such-thing', {}), await fetch(`${app.url}/api/auth/no-such-thing`)]

    for (const answer of answers) {
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'not_found' })
    }
  })

  test('an address with half an escape is a refusal and no fault', async () => {
    for (const path of ['/verify-email?token=%', '/verify-email?token=%ff', '/reset-password/%zz', '/%ff']) {
      const response = await fetch(`${app.url}/api/auth${path}`, { redirect: 'manual' })

      expect(response.status).toBeLessThan(500)
    }
  })
})
