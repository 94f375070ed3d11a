import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type App, type AppClient } from '../../support/open-app.ts'

let app: App
let client: AppClient

beforeAll(async () => {
  app = await openApp()
})

beforeAll(async () => {
  client = (await app.signUp()).client
})

afterAll(() => app.close())

async function begin(fields: object = {}) {
  const response = await client.api.conversations.$post({ json: { title: 'Where to? 🧳', ...fields } })
  if (response.status !== 201) throw new Error(`creation answered ${response.status}`)
  return response.json()
}

function say(id: string, content: string) {
  return client.api.conversations[':id'].messages.$post({ param: { id }, json: { role: 'user', content } })
}

describe('conversations', () => {
  test('begin with a title and stand at the address in Location', async () => {
    const response = await client.api.conversations.$post({ json: { title: "It's 100% 'quoted' 🧳" } })
    const location = response.headers.get('location') ?? ''
    const id = location.split('/').at(-1) ?? ''

    const read = await client.api.conversations[':id'].$get({ param: { id } })

    expect(response.status).toBe(201)
    expect(location).toMatch(/^\/api\/conversations\/[0-9a-f-]{36}$/)
    expect(await read.json()).toMatchObject({ id, title: "It's 100% 'quoted' 🧳", messageCount: 0 })
  })

  test('keep their messages in the order of appending, also when all come at once', async () => {
    const { id } = await begin()

    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => say(id, `message ${n}`)))
    const response = await client.api.conversations[':id'].messages.$get({ param: { id }, query: {} })
    if (response.status !== 200) throw new Error(`list answered ${response.status}`)
    const { items, nextCursor } = await response.json()

    expect(answers.every((answer) => answer.status === 201)).toBe(true)
    expect(items.map((item) => item.position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(nextCursor).toBeNull()
  })

  test('page through their messages by cursor', async () => {
    const { id } = await begin()
    for (const content of ['a', 'b', 'c']) await say(id, content)
    const page = async (cursor?: string) => {
      const query = { limit: '2', ...(cursor === undefined ? {} : { cursor }) }
      const response = await client.api.conversations[':id'].messages.$get({ param: { id }, query })
      if (response.status !== 200) throw new Error(`list answered ${response.status}`)
      return response.json()
    }

    const first = await page()
    const second = await page(first.nextCursor ?? undefined)

    expect(first.items.map((item) => item.content)).toEqual(['a', 'b'])
    expect(second.items.map((item) => item.content)).toEqual(['c'])
    expect(second.nextCursor).toBeNull()
  })

  test('take a message of exactly the longest length and none that is longer', async () => {
    const { id } = await begin()

    const answers = [await say(id, 'ü'.repeat(32_000)), await say(id, 'ü'.repeat(32_001)), await say(id, '')]

    expect(answers.map((answer) => answer.status)).toEqual([201, 400, 400])
  })

  test('are listed from new to old', async () => {
    const own = (await app.signUp()).client
    for (const title of ['first', 'second', 'third']) await own.api.conversations.$post({ json: { title } })

    const response = await own.api.conversations.$get({ query: { limit: '2' } })
    if (response.status !== 200) throw new Error(`list answered ${response.status}`)
    const page = await response.json()

    expect(page.items.map((item) => item.title)).toEqual(['third', 'second'])
    expect(response.headers.get('link')).toContain('rel="next"')
  })

  test('may be about an itinerary of their user, and of nobody else', async () => {
    const stranger = await app.signUp()
    const theirs = await stranger.client.api.itineraries.$post({
      json: { title: 'theirs', destination: 'Oslo' },
    })
    const { id } = (await theirs.json()) as { id: string }

    const answers = [
      await client.api.conversations.$post({ json: { title: 'a', itineraryId: id } }),
      await client.api.conversations.$post({ json: { title: 'a', itineraryId: randomUUID() } }),
      await stranger.client.api.conversations.$post({ json: { title: 'a', itineraryId: id } }),
    ]

    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 201])
  })

  test('are deleted with their messages', async () => {
    const { id } = await begin()
    await say(id, 'gone soon')

    const deleted = await client.api.conversations[':id'].$delete({ param: { id } })
    const messages = await client.api.conversations[':id'].messages.$get({ param: { id }, query: {} })

    expect([deleted.status, messages.status, (await say(id, 'late')).status]).toEqual([204, 404, 404])
  })
})
