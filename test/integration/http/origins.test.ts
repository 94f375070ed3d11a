import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../support/test-app.ts'

const partner = 'https://partner.example'

let app: TestApp
let open: TestApp

beforeAll(async () => {
  app = await openTestApp()
  open = await openTestApp({ settings: { corsOrigins: [partner] } })
})

afterAll(async () => {
  await app.close()
  await open.close()
})

const write = async (to: TestApp, origin: string | undefined) => {
  const { cookie } = await to.signUp()
  return fetch(`${to.url}/api/itineraries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, ...(origin === undefined ? {} : { origin }) },
    body: '{"title":"a","destination":"b"}',
  })
}

const preflight = (to: TestApp, origin: string) =>
  fetch(`${to.url}/api/itineraries`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  })

describe('a write with a session cookie', () => {
  test.each([[undefined], ['http://localhost:3000']])('is taken from %s', async (origin) => {
    expect((await write(app, origin)).status).toBe(201)
  })

  test.each([[partner], ['null'], ['http://localhost:3001'], ['https://localhost:3000']])(
    'is refused from %s',
    async (origin) => {
      const response = await write(app, origin)

      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'forbidden' })
    },
  )

  test('is taken from an origin that was configured, and from no look-alike', async () => {
    expect((await write(open, partner)).status).toBe(201)
    expect((await write(open, `${partner}.evil.example`)).status).toBe(403)
  })
})

describe('CORS', () => {
  test('is off unless it was configured', async () => {
    const asked = await preflight(app, partner)
    const read = await fetch(`${app.url}/api/me`, { headers: { origin: partner } })

    expect(asked.status).toBe(405)
    expect(asked.headers.get('access-control-allow-origin')).toBeNull()
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('answers the configured origin, with credentials and the headers that clients need', async () => {
    const asked = await preflight(open, partner)
    const refused = await fetch(`${open.url}/api/me`, { headers: { origin: partner } })

    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe(partner)
    expect(asked.headers.get('access-control-allow-credentials')).toBe('true')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(partner)
    expect(refused.headers.get('access-control-expose-headers')).toContain('etag')
  })

  test('answers no other origin', async () => {
    const asked = await preflight(open, 'https://evil.example')

    expect(asked.headers.get('access-control-allow-origin')).toBeNull()
  })
})
