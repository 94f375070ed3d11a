import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApp, type App } from '../../support/open-app.ts'

/** Of each kind, beside the thousands of `fuzz-document.test.ts`; these reach what no document describes. */
const numRuns = 150

let app: App
let cookie: string
let itinerary: string
let conversation: string

beforeAll(async () => {
  app = await openApp()
  const user = await app.signUp()
  cookie = user.cookie
  const trip = await user.client.api.itineraries.$post({ json: { title: 'a', destination: 'b' } })
  itinerary = ((await trip.json()) as { id: string }).id
  const talk = await user.client.api.conversations.$post({ json: { title: 'a' } })
  conversation = ((await talk.json()) as { id: string }).id
})

afterAll(() => app.close())

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '',
    '\0',
    '\ud83c',
    '🍁'.repeat(100),
    'a'.repeat(201),
    '2027-02-30',
    '9'.repeat(40),
    '%00',
    '‮',
  ),
)
const value = fc.oneof(
  text,
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.json().map(parse),
)
const fields = fc.constantFrom(
  ...[
    'title',
    'destination',
    'startsOn',
    'endsOn',
    'status',
    'notes',
    'days',
    'role',
    'content',
    'itineraryId',
  ],
  ...[
    'currency',
    'units',
    'pace',
    'homeCity',
    'interests',
    'email',
    'password',
    'name',
    'image',
    'callbackURL',
  ],
  ...['__proto__', 'constructor', 'rememberMe', 'userId', 'id', 'version'],
)
const body = fc.oneof(
  fc.dictionary(fields, value, { maxKeys: 8 }).map((object) => JSON.stringify(object)),
  fc.json(),
  text,
)
const write = fc.constantFrom<[string, () => string]>(
  ['POST', () => '/api/itineraries'],
  ['PATCH', () => `/api/itineraries/${itinerary}`],
  ['PUT', () => '/api/preferences'],
  ['POST', () => '/api/conversations'],
  ['POST', () => `/api/conversations/${conversation}/messages`],
  ['POST', () => '/api/auth/sign-in/email'],
  ['POST', () => '/api/auth/sign-up/email'],
  ['POST', () => '/api/auth/update-user'],
  ['POST', () => '/api/auth/change-password'],
)

function parse(json: string): unknown {
  return JSON.parse(json)
}

/** Without control characters, which the client in this test refuses to send. */
const header = fc.string({
  unit: fc
    .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa1, max: 0xff }))
    .map((code) => String.fromCharCode(code)),
})

const send = async (method: string, path: string, init: RequestInit = {}) => {
  const headers = {
    cookie,
    origin: 'http://localhost:3000',
    'content-type': 'application/json',
    ...(init.headers as Record<string, string> | undefined),
  }
  const response = await fetch(app.url + path, { ...init, method, headers, redirect: 'manual' })
  await response.arrayBuffer()
  return response.status
}

const faults = () => app.logLines().filter((line) => line['level'] === 'error')

test('no body that anybody can think of is a fault of ours', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(write, body, async ([method, path], sent) => {
      const status = await send(method, path(), { body: sent, headers: { 'if-match': '"1"' } })
      expect(status).toBeLessThan(500)
    }),
    { numRuns },
  )
  expect(faults()).toEqual([])
})

test('no address and no parameter is one', { timeout: 600_000 }, async () => {
  const part = text.map((each) => encodeURIComponent(each.toWellFormed()))
  const raw = fc.stringMatching(/^[a-zA-Z0-9%._~:@!$&'()*+,;=-]{0,60}$/)
  const piece = fc.oneof(part, raw)
  const path = fc.oneof(
    piece.map((id) => `/api/itineraries/${id}`),
    piece.map((id) => `/api/conversations/${id}/messages`),
    piece.map((rest) => `/api/auth/${rest}`),
    piece.map((rest) => `/${rest}`),
    fc
      .tuple(fc.constantFrom('limit', 'cursor', 'archived', 'x'), piece)
      .map(([name, each]) => `/api/itineraries?${name}=${each}`),
    piece.map((cursor) => `/api/conversations/${conversation}/messages?cursor=${cursor}`),
    piece.map((token) => `/api/auth/verify-email?token=${token}`),
    piece.map((token) => `/api/auth/reset-password/${token}?callbackURL=${token}`),
  )
  const method = fc.constantFrom('GET', 'HEAD', 'DELETE', 'PATCH', 'POST', 'OPTIONS')

  await fc.assert(
    fc.asyncProperty(method, path, async (verb, address) => {
      expect(await send(verb, address)).toBeLessThan(500)
    }),
    { numRuns },
  )
  expect(faults()).toEqual([])
})

test('no header is one', { timeout: 600_000 }, async () => {
  const name = fc.constantFrom(
    ...['cookie', 'content-type', 'if-match', 'if-none-match', 'idempotency-key', 'x-request-id', 'origin'],
    ...['x-forwarded-for', 'user-agent', 'accept', 'authorization', 'referer', 'accept-language'],
  )
  const forged = fc.oneof(
    header,
    header.map((each) => `better-auth.session_token=${each}.${each}`),
    header.map((each) => `"${each}"`),
  )

  await fc.assert(
    fc.asyncProperty(name, forged, write, async (which, sent, [method, path]) => {
      const trip = '{"title":"a","destination":"b"}'
      expect(await send(method, path(), { body: trip, headers: { [which]: sent } })).toBeLessThan(500)
      expect(await send('GET', `/api/itineraries/${itinerary}`, { headers: { [which]: sent } })).toBeLessThan(
        500,
      )
    }),
    { numRuns },
  )
  expect(faults()).toEqual([])
})
