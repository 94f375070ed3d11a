import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'

const partner = 'https://partner.example'

let app: FixtureApp
let open: FixtureApp
const cookies = new Map<FixtureApp, string>()

beforeAll(async () => {
  app = await openFixtureApp()
  open = await openFixtureApp({ settings: { corsOrigins: [partner] } })
  for (const each of [app, open]) cookies.set(each, (await each.signUp()).cookie)
})

afterAll(async () => {
  await app.close()
  await open.close()
})

const own = 'http://localhost:3000'

/** By Node's own client: `fetch` adds headers of a browser and refuses some of those here. */
async function send(
  to: FixtureApp,
  method: string,
  path: string,
  headers: Record<string, string | string[]>,
) {
  const cookie = cookies.get(to) ?? ''
  const outgoing = request(to.url + path, {
    method,
    headers: { 'content-type': 'application/json', cookie, ...headers },
  })
  outgoing.end(method.startsWith('P') ? '{"label":"a","place":"b"}' : '')
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  incoming.resume()
  return incoming.statusCode
}

async function write(to: FixtureApp, origin: string | undefined) {
  const cookie = cookies.get(to) ?? ''
  return fetch(`${to.url}/api/parcels`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie, ...(origin === undefined ? {} : { origin }) },
    body: '{"label":"a","place":"b"}',
  })
}

function preflight(to: FixtureApp, origin: string) {
  return fetch(`${to.url}/api/parcels`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    },
  })
}

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

describe('a write of a browser that sends no Origin', () => {
  test.each([
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['same-site', { 'sec-fetch-site': 'same-site' }],
    ['a site of a later standard', { 'sec-fetch-site': 'next-door' }],
    ['cross-site, with our Referer', { 'sec-fetch-site': 'cross-site', referer: `${own}/` }],
    ['a foreign Referer', { referer: 'https://evil.example/page' }],
    ['a Referer that looks like ours', { referer: `${own}.evil.example/` }],
    ['a Referer that is none', { referer: 'nonsense' }],
    ['a Referer without an origin', { referer: 'data:text/html,x' }],
  ])('is refused from %s', async (_what, headers) => {
    expect(await send(app, 'POST', '/api/parcels', headers)).toBe(403)
  })

  test.each([
    ['PUT', '/api/parcels/x'],
    ['PATCH', '/api/parcels/x'],
    ['DELETE', '/api/parcels/x'],
    ['POST', '/api/auth/sign-out'],
    ['POST', '/api/auth/sign-in/email'],
    ['POST', '/api/auth/update-user'],
  ])('is refused for %s %s too', async (method, path) => {
    expect(await send(app, method, path, { 'sec-fetch-site': 'cross-site' })).toBe(403)
  })

  test.each([
    ['same-origin', { 'sec-fetch-site': 'same-origin' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['our own page before 2020', { referer: `${own}/parcels?x=1` }],
    ['no browser at all', {}],
  ])('is taken from %s', async (_what, headers) => {
    expect(await send(app, 'POST', '/api/parcels', headers)).toBe(201)
  })

  test('is no read: a link from another site leads here', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', referer: 'https://evil.example/' }

    expect(await send(app, 'GET', '/api/parcels', headers)).toBe(200)
  })
})

test('an Origin counts more than Sec-Fetch-Site and Referer', async () => {
  const foreign = { 'sec-fetch-site': 'cross-site', referer: `${partner}/` }

  expect(await send(open, 'POST', '/api/parcels', { ...foreign, origin: partner })).toBe(201)
  expect(await send(app, 'POST', '/api/parcels', { ...foreign, origin: partner })).toBe(403)
  expect(await send(app, 'POST', '/api/parcels', { 'sec-fetch-site': 'same-origin', origin: 'null' })).toBe(
    403,
  )
})

test('two Origins are refused', async () => {
  expect(await send(app, 'POST', '/api/parcels', { origin: [own, 'https://evil.example'] })).toBe(403)
  expect(await send(app, 'POST', '/api/parcels', { origin: ['https://evil.example', own] })).toBe(403)
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
