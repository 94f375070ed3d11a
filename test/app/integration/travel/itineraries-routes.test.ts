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

const kyoto = {
  title: 'Kyōto & "Nara" 100% 🍁',
  destination: "L'Île — $1; DROP TABLE itineraries; --",
  startsOn: '2027-04-01',
  endsOn: '2027-04-09',
  days: [{ title: 'Temples', activities: [{ title: 'Kinkaku-ji', startsAt: '09:30' }] }],
}

async function create(fields: object = {}, as = client) {
  const response = await as.api.itineraries.$post({ json: { ...kyoto, ...fields } })
  if (response.status !== 201) throw new Error(`creation answered ${response.status}`)
  return response.json()
}

describe('creating an itinerary', () => {
  test('answers with its address, its version and what was stored', async () => {
    const response = await client.api.itineraries.$post({ json: kyoto })
    if (response.status !== 201) throw new Error(`creation answered ${response.status}`)
    const created = await response.json()

    expect(created).toMatchObject({ ...kyoto, status: 'draft', notes: null, version: 1, archivedAt: null })
    expect(response.headers.get('location')).toBe(`/api/itineraries/${created.id}`)
    expect(response.headers.get('etag')).toBe('"1"')
  })

  test('is done once for one Idempotency-Key, however often it is repeated at once', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const title = `once ${randomUUID()}`

    const send = () => client.api.itineraries.$post({ json: { ...kyoto, title } }, { headers })
    const answers = await Promise.all(Array.from({ length: 8 }, send))
    const bodies = await Promise.all(answers.map((answer) => answer.text()))

    expect(answers.map((answer) => answer.status)).toEqual(Array<number>(8).fill(201))
    expect(new Set(bodies.map((body) => (JSON.parse(body) as { id: string }).id)).size).toBe(1)
    expect(answers.filter((answer) => answer.headers.get('idempotency-replayed') === null)).toHaveLength(1)
  })

  test('takes spaces and the order of keys for the same request', async () => {
    const headers = { ...(await signedInHeaders()), 'idempotency-key': randomUUID() }
    const post = (body: string) => fetch(`${app.url}/api/itineraries`, { method: 'POST', headers, body })

    const first = await post('{"title":"a","destination":"b"}')
    const again = await post('{ "destination": "b",\n "title": "a" }')

    expect([first.status, again.status]).toEqual([201, 201])
    expect(await again.json()).toEqual(await first.json())
  })

  test('refuses a used key with another body', async () => {
    const headers = { 'idempotency-key': randomUUID() }

    await client.api.itineraries.$post({ json: kyoto }, { headers })
    const other = await client.api.itineraries.$post({ json: { ...kyoto, title: 'another' } }, { headers })

    expect(other.status).toBe(422)
    expect(await other.json()).toMatchObject({ code: 'unprocessable' })
  })

  test("one user's key is nothing to another", async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const stranger = await app.signUp()

    const mine = await client.api.itineraries.$post({ json: kyoto }, { headers })
    const theirs = await stranger.client.api.itineraries.$post({ json: kyoto }, { headers })

    expect([mine.status, theirs.status]).toEqual([201, 201])
    expect(theirs.headers.get('idempotency-replayed')).toBeNull()
  })

  test.each([[''], [' '], ['with space'], ['x'.repeat(256)], ['ümlaut']])(
    'refuses the key %j',
    async (key) => {
      const response = await fetch(`${app.url}/api/itineraries`, {
        method: 'POST',
        headers: { ...(await signedInHeaders()), 'idempotency-key': key },
        body: JSON.stringify(kyoto),
      })

      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ errors: [{ path: 'header.idempotency-key' }] })
    },
  )
})

async function signedInHeaders() {
  const { cookie } = await app.signUp()
  return { cookie, 'content-type': 'application/json' }
}

describe('reading an itinerary', () => {
  test('gives 304 to who has this version already', async () => {
    const { id } = await create()
    const request = { param: { id } }

    const fresh = await client.api.itineraries[':id'].$get(request)
    const headers = { 'if-none-match': fresh.headers.get('etag') ?? '' }
    const again = await client.api.itineraries[':id'].$get(request, { headers })
    const stale = await client.api.itineraries[':id'].$get(request, { headers: { 'if-none-match': '"7"' } })

    expect([fresh.status, again.status, stale.status]).toEqual([200, 304, 200])
    expect(await again.text()).toBe('')
    expect(again.headers.get('etag')).toBe('"1"')
  })
})

describe('listing itineraries', () => {
  test('walks from new to old, each once, by cursor and by Link', async () => {
    const own = (await app.signUp()).client
    const titles = ['one', 'two', 'three', 'four', 'five']
    for (const title of titles) await create({ title }, own)

    const seen: string[] = []
    let cursor: string | undefined
    do {
      const response = await own.api.itineraries.$get({
        query: { limit: '2', ...(cursor ? { cursor } : {}) },
      })
      if (response.status !== 200) throw new Error(`list answered ${response.status}`)
      const page = await response.json()
      seen.push(...page.items.map((item) => item.title))
      const link = response.headers.get('link')
      expect(link === null).toBe(page.nextCursor === null)
      if (page.nextCursor !== null) expect(link).toContain(`cursor=${page.nextCursor}>; rel="next"`)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)

    expect(seen).toEqual(titles.toReversed())
  })

  test('shows the archived ones only where they are asked for', async () => {
    const own = (await app.signUp()).client
    const { id } = await create({ title: 'old' }, own)
    await create({ title: 'new' }, own)
    const titlesOf = async (query: object) => {
      const response = await own.api.itineraries.$get({ query })
      if (response.status !== 200) throw new Error(`list answered ${response.status}`)
      return (await response.json()).items.map((item) => item.title)
    }

    const archived = await own.api.itineraries[':id'].archive.$post({ param: { id } })

    expect(archived.status).toBe(200)
    expect(archived.headers.get('etag')).toBe('"2"')
    expect(await titlesOf({})).toEqual(['new'])
    expect(await titlesOf({ archived: 'false' })).toEqual(['new'])
    expect(await titlesOf({ archived: 'true' })).toEqual(['old'])
  })
})

describe('changing an itinerary', () => {
  const patch = (id: string, json: object, ifMatch?: string) =>
    client.api.itineraries[':id'].$patch(
      { param: { id }, json },
      { headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } },
    )

  test('needs the version that was read and gives the next one', async () => {
    const { id } = await create()

    const response = await patch(id, { title: 'renamed' }, '"1"')

    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBe('"2"')
    expect(await response.json()).toMatchObject({
      title: 'renamed',
      destination: kyoto.destination,
      version: 2,
    })
  })

  test('is refused without If-Match', async () => {
    const { id } = await create()

    const response = await patch(id, { title: 'renamed' })

    expect(response.status).toBe(428)
    expect(await response.json()).toMatchObject({ code: 'precondition_required' })
  })

  test('is refused to all but one of two who read the same version', async () => {
    const { id } = await create()

    const answers = await Promise.all([patch(id, { title: 'a' }, '"1"'), patch(id, { title: 'b' }, '"1"')])

    expect(answers.map((answer) => answer.status).toSorted((one, other) => one - other)).toEqual([200, 412])
  })

  test('of one date alone cannot turn the range round', async () => {
    const { id } = await create()

    const response = await patch(id, { endsOn: '2027-03-01' }, '"1"')

    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'unprocessable' })
  })
})

describe('deleting an itinerary', () => {
  test('is for good', async () => {
    const { id } = await create()
    const request = { param: { id } }

    const deleted = await client.api.itineraries[':id'].$delete({ param: { id } })
    const answers = [
      await client.api.itineraries[':id'].$get(request),
      await client.api.itineraries[':id'].$delete({ param: { id } }),
      await client.api.itineraries[':id'].archive.$post({ param: { id } }),
    ]

    expect(deleted.status).toBe(204)
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404])
  })
})
