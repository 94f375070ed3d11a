import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type App } from '../../support/open-app.ts'

let app: App
let cookie: string

beforeAll(async () => {
  app = await openApp()
  cookie = (await app.signUp()).cookie
})

afterAll(() => app.close())

async function send(method: string, path: string, body?: object) {
  const headers = { cookie, 'content-type': 'application/json' }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(app.url + path, { method, headers, ...sent })
  const answer = (await response.json()) as { code?: string; id?: string; errors?: { path: string }[] }
  return { ...answer, status: response.status, allow: response.headers.get('allow') }
}

describe('a body', () => {
  test.each([
    ['a range turned round', { startsOn: '2027-02-02', endsOn: '2027-02-01' }, 'body.endsOn'],
    ['days that are none', { days: [{ activities: 'all' }] }, 'body.days[0].activities'],
    [
      'a cost beyond all bounds',
      { days: [{ activities: [{ title: 'a', cost: { amountMinor: 1e300, currency: 'EUR' } }] }] },
      'body.days[0].activities[0].cost.amountMinor',
    ],
  ])('with %s is refused by its place', async (_what, fields, path) => {
    const answer = await send('POST', '/api/itineraries', { title: 'a', destination: 'b', ...fields })

    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(answer.errors?.map((each) => each.path)).toContain(path)
  })
})

describe('an address', () => {
  test.each([['GET', '/api/itineraries/x/archive', 'POST']])(
    'takes no other method than its own: %s %s',
    async (method, path, allow) => {
      expect(await send(method, path)).toMatchObject({ status: 405, code: 'method_not_allowed', allow })
    },
  )
})

describe('a list', () => {
  const cursorOf = (plain: string) => Buffer.from(plain, 'latin1').toString('base64url')

  test.each([['archived=yes'], ['archived='], ['unknown=1']])('of itineraries refuses ?%s', async (query) => {
    expect(await send('GET', `/api/itineraries?${query}`)).toMatchObject({
      status: 400,
      code: 'invalid_request',
    })
  })

  test.each([['archived=true'], ['archived=false']])('of itineraries takes ?%s', async (query) => {
    expect((await send('GET', `/api/itineraries?${query}`)).status).toBe(200)
  })

  test('of messages takes no cursor of another list', async () => {
    const { id = '' } = await send('POST', '/api/conversations', { title: 'a' })
    const list = (plain: string) => send('GET', `/api/conversations/${id}/messages?cursor=${cursorOf(plain)}`)

    expect((await list('o:1')).status).toBe(200)
    expect(await list('t:1:00000000-0000-7000-8000-000000000000')).toMatchObject({ status: 400 })
    expect(await list('o:9999999999')).toMatchObject({ status: 400, code: 'invalid_request' })
  })
})
