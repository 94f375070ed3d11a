import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApp, type App } from '../../support/open-app.ts'

let app: App
let cookie: string

beforeAll(async () => {
  app = await openApp()
  cookie = (await app.signUp()).cookie
})

afterAll(() => app.close())

function post(path: string, body: string, key: string, as = cookie) {
  return fetch(`${app.url}/api/conversations${path}`, {
    method: 'POST',
    headers: { cookie: as, 'content-type': 'application/json', 'idempotency-key': key },
    body,
  })
}

async function begin(): Promise<string> {
  const answer = await post('', '{"title":"Where to? 🧳"}', randomUUID())
  return ((await answer.json()) as { id: string }).id
}

function replayed(answer: Response) {
  return answer.headers.get('idempotency-replayed')
}

/** A creation of each kind: where, what, the same written otherwise, and something else. */
const creations = [
  [
    'conversation',
    () => Promise.resolve(''),
    '{"title":"a 🧳","itineraryId":null}',
    '{ "itineraryId": null,\n "title": "a 🧳" }',
    '{"title":"b"}',
  ],
  [
    'message',
    async () => `/${await begin()}/messages`,
    '{"role":"user","content":"a \' 🧳"}',
    '{ "content": "a \' 🧳",\n "role": "user" }',
    '{"role":"user","content":"b"}',
  ],
] as const

test.each(creations)('a %s gets the first answer again, with its headers', async (_kind, at, body, same) => {
  const [path, key] = [await at(), randomUUID()]

  const first = await post(path, body, key)
  const again = await post(path, same, key)

  expect([first.status, again.status]).toEqual([201, 201])
  expect([replayed(first), replayed(again)]).toEqual([null, 'true'])
  expect(again.headers.get('location')).toBe(first.headers.get('location'))
  expect(await again.json()).toEqual(await first.json())
})

test.each(creations)(
  'a %s with another body under a used key is refused',
  async (_kind, at, body, _, other) => {
    const [path, key] = [await at(), randomUUID()]
    await post(path, body, key)

    const refused = await post(path, other, key)

    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ code: 'unprocessable' })
  },
)

test('the same words to another conversation are another request', async () => {
  const [one, two, key] = [await begin(), await begin(), randomUUID()]
  const body = '{"role":"user","content":"the same"}'
  await post(`/${one}/messages`, body, key)

  const refused = await post(`/${two}/messages`, body, key)
  const list = await fetch(`${app.url}/api/conversations/${two}/messages`, { headers: { cookie } })

  expect(refused.status).toBe(422)
  expect(await list.json()).toMatchObject({ items: [] })
})

test('one user’s key is nothing to another', async () => {
  const key = randomUUID()
  const stranger = await app.signUp()

  const mine = await post('', '{"title":"mine"}', key)
  const theirs = await post('', '{"title":"theirs"}', key, stranger.cookie)

  expect([mine.status, theirs.status, replayed(theirs)]).toEqual([201, 201, null])
})

test.each(creations)('a %s with a key of 256 characters is refused', async (_kind, at, body) => {
  const refused = await post(await at(), body, 'x'.repeat(256))

  expect(refused.status).toBe(400)
  expect(await refused.json()).toMatchObject({ errors: [{ path: 'header.idempotency-key' }] })
})
