import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type App } from '../../support/open-app.ts'

let app: App
let owner: string
let stranger: string
let itinerary: string
let conversation: string

const json = (body: unknown): RequestInit => ({
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', 'if-match': '"1"' },
})

interface Case {
  route: string
  request: () => [path: string, init: RequestInit]
  /** What somebody else who is signed in gets. */
  stranger: 'not_found' | 'own'
}

const message = { role: 'user', content: 'hello' }
const trip = { title: 'secret trip', destination: 'Oslo' }

/** Every route that takes a session; a test below compares it with the OpenAPI document. */
const cases: Case[] = [
  { route: 'GET /api/me', request: () => ['/api/me', {}], stranger: 'own' },
  { route: 'GET /api/preferences', request: () => ['/api/preferences', {}], stranger: 'own' },
  {
    route: 'PUT /api/preferences',
    request: () => ['/api/preferences', { ...json({}), headers: { 'content-type': 'application/json' } }],
    stranger: 'own',
  },
  { route: 'GET /api/itineraries', request: () => ['/api/itineraries', {}], stranger: 'own' },
  { route: 'POST /api/itineraries', request: () => ['/api/itineraries', json(trip)], stranger: 'own' },
  {
    route: 'GET /api/itineraries/{id}',
    request: () => [`/api/itineraries/${itinerary}`, {}],
    stranger: 'not_found',
  },
  {
    route: 'PATCH /api/itineraries/{id}',
    request: () => [`/api/itineraries/${itinerary}`, json({ title: 'stolen' })],
    stranger: 'not_found',
  },
  {
    route: 'POST /api/itineraries/{id}/archive',
    request: () => [`/api/itineraries/${itinerary}/archive`, {}],
    stranger: 'not_found',
  },
  {
    route: 'DELETE /api/itineraries/{id}',
    request: () => [`/api/itineraries/${itinerary}`, {}],
    stranger: 'not_found',
  },
  { route: 'GET /api/conversations', request: () => ['/api/conversations', {}], stranger: 'own' },
  {
    route: 'POST /api/conversations',
    request: () => ['/api/conversations', json({ title: 'about it', itineraryId: itinerary })],
    stranger: 'not_found',
  },
  {
    route: 'GET /api/conversations/{id}',
    request: () => [`/api/conversations/${conversation}`, {}],
    stranger: 'not_found',
  },
  {
    route: 'DELETE /api/conversations/{id}',
    request: () => [`/api/conversations/${conversation}`, {}],
    stranger: 'not_found',
  },
  {
    route: 'POST /api/conversations/{id}/messages',
    request: () => [`/api/conversations/${conversation}/messages`, json(message)],
    stranger: 'not_found',
  },
  {
    route: 'GET /api/conversations/{id}/messages',
    request: () => [`/api/conversations/${conversation}/messages`, {}],
    stranger: 'not_found',
  },
]

const send = ({ route, request }: Case, cookie: string | undefined) => {
  const [path, init] = request()
  const headers = { ...(init.headers as Record<string, string>), ...(cookie === undefined ? {} : { cookie }) }
  return fetch(app.url + path, { ...init, method: route.split(' ')[0] ?? '', headers })
}

/** Another token under the signature of this one. */
const tampered = (cookie: string) => cookie.replace(/=(.)/, (_match, first) => (first === 'a' ? '=b' : '=a'))

/** All that the owner can see, to tell whether a stranger changed any of it. */
const everything = async (cookie: string) => {
  const paths = [
    '/api/me',
    '/api/preferences',
    '/api/itineraries',
    '/api/itineraries?archived=true',
    '/api/conversations',
    `/api/conversations/${conversation}/messages`,
  ]
  return Promise.all(
    paths.map(async (path) => {
      const response = await fetch(app.url + path, { headers: { cookie } })
      expect(response.status).toBe(200)
      return response.text()
    }),
  )
}

beforeAll(async () => {
  app = await openApp()
  const [one, other] = [await app.signUp(), await app.signUp()]
  owner = one.cookie
  stranger = other.cookie
  const { client } = one
  itinerary = ((await (await client.api.itineraries.$post({ json: trip })).json()) as { id: string }).id
  const begun = await client.api.conversations.$post({
    json: { title: 'secret talk', itineraryId: itinerary },
  })
  conversation = ((await begun.json()) as { id: string }).id
  await client.api.conversations[':id'].messages.$post({
    param: { id: conversation },
    json: { role: 'user', content: 'secret words' },
  })
})

afterAll(() => app.close())

describe('a stranger', () => {
  test('is tried on every route that takes a session', async () => {
    const document = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { responses: Record<string, unknown> }>>
    }

    const guarded = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { responses }]) => '401' in responses)
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    )

    expect(cases.map(({ route }) => route).toSorted()).toEqual(guarded.toSorted())
  })

  test.each(cases)('without a session gets nowhere: $route', async (each) => {
    for (const cookie of [undefined, '', 'better-auth.session_token=forged.c2ln', tampered(owner)]) {
      const response = await send(each, cookie)

      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ code: 'unauthenticated' })
    }
  })

  test.each(cases)("with a session of its own sees and changes nobody else's rows: $route", async (each) => {
    const before = await everything(owner)

    const response = await send(each, stranger)
    const text = await response.text()

    if (each.stranger === 'own') expect(response.ok).toBe(true)
    else expect(JSON.parse(text)).toMatchObject({ status: 404, code: 'not_found' })
    if (!each.route.startsWith('POST')) expect(text).not.toMatch(/secret/)
    expect(await everything(owner)).toEqual(before)
  })

  test('cannot tell a foreign id from one that never was', async () => {
    const headers = { cookie: stranger }
    const answerTo = async (id: string) => {
      const body = (await (await fetch(`${app.url}/api/itineraries/${id}`, { headers })).json()) as object
      return { ...body, request_id: '' }
    }

    const foreign = await answerTo(itinerary)

    expect(await answerTo(randomUUID())).toEqual(foreign)
    expect(await answerTo('no-uuid-at-all')).toEqual(foreign)
  })

  test("cannot use a cursor to reach into somebody else's list", async () => {
    const cursor = Buffer.from(`t:${Date.now() + 60_000}:${randomUUID()}`, 'latin1').toString('base64url')

    const response = await fetch(`${app.url}/api/itineraries?cursor=${cursor}`, {
      headers: { cookie: stranger },
    })

    expect(response.status).toBe(200)
    expect(await response.text()).not.toContain(itinerary)
  })

  test('who signed out is one at once', async () => {
    const { cookie, client } = await app.signUp()

    const before = await client.api.me.$get()
    const signOut = await fetch(`${app.url}/api/auth/sign-out`, {
      method: 'POST',
      headers: { cookie, origin: 'http://localhost:3000' },
    })
    const after = await client.api.me.$get()

    expect([before.status, signOut.status, after.status]).toEqual([200, 200, 401])
  })
})
