import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../support/test-app.ts'

let app: TestApp
let cookie: string

beforeAll(async () => {
  app = await openTestApp()
  cookie = (await app.signUp()).cookie
})

afterAll(() => app.close())

const send = (
  method: string,
  path: string,
  body?: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
) =>
  fetch(app.url + path, {
    method,
    headers: { cookie, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  })

interface Problem {
  code: string
  request_id: string
  errors?: { path: string; message: string }[]
}

/** A problem that says `code`, to the letter of RFC 9457. */
const expectProblem = async (response: Response, status: number, code: string): Promise<Problem> => {
  const problem = (await response.json()) as Problem
  expect(problem).toMatchObject({ type: 'about:blank', status, code })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(problem.request_id).toBe(response.headers.get('x-request-id'))
  return problem
}

const trip = { title: 'a', destination: 'b' }
const withTrip = (fields: object) => JSON.stringify({ ...trip, ...fields })

describe('a body', () => {
  test.each([
    ['nothing at all', ''],
    ['half of it', '{"title":"a"'],
    ['no JSON', 'title=a&destination=b'],
    ['two values', '{}{}'],
    ['a bare NUL', '{"title":"\0"}'],
    ['bytes that are not UTF-8', Buffer.from('{"title":"\xff","destination":"b"}', 'latin1')],
    ['UTF-16', Buffer.from(withTrip({}), 'utf16le')],
    ['an overlong encoding', Buffer.from('{"title":"a\xc1\x81","destination":"b"}', 'latin1')],
  ])('of %s is refused', async (_what, body) => {
    await expectProblem(await send('POST', '/api/itineraries', body), 400, 'invalid_request')
  })

  test.each([
    ['null', 'null', 'body'],
    ['a list', '[]', 'body'],
    ['a number', '1', 'body'],
    ['an empty object', '{}', 'body.title'],
    ['a wrong type', withTrip({ title: 5 }), 'body.title'],
    ['an empty title', withTrip({ title: '' }), 'body.title'],
    ['a blank title', withTrip({ title: ' \t\n' }), 'body.title'],
    ['a title one too long', withTrip({ title: 'x'.repeat(201) }), 'body.title'],
    ['an escaped NUL', withTrip({ title: 'a\0b' }), 'body.title'],
    ['half a surrogate pair', withTrip({ title: '\ud83c' }), 'body.title'],
    ['an escaped NUL in a key', withTrip({ 'a\0': 1 }), 'body'],
    ['an unknown field', withTrip({ userId: 'somebody' }), 'body'],
    ['__proto__', '{"title":"a","destination":"b","__proto__":{"status":"planned"}}', 'body'],
    ['an id of its own', withTrip({ id: '0' }), 'body'],
    ['a day that does not exist', withTrip({ startsOn: '2027-02-30' }), 'body.startsOn'],
    ['a year that PostgreSQL does not have', withTrip({ startsOn: '99999-01-01' }), 'body.startsOn'],
    ['a range turned round', withTrip({ startsOn: '2027-02-02', endsOn: '2027-02-01' }), 'body.endsOn'],
    ['an unknown status', withTrip({ status: 'gone' }), 'body.status'],
    ['days that are none', withTrip({ days: [{ activities: 'all' }] }), 'body.days[0].activities'],
    [
      'a cost beyond all bounds',
      withTrip({ days: [{ activities: [{ title: 'a', cost: { amountMinor: 1e300, currency: 'EUR' } }] }] }),
      'body.days[0].activities[0].cost.amountMinor',
    ],
  ])('with %s is refused by its place', async (_what, body, path) => {
    const problem = await expectProblem(await send('POST', '/api/itineraries', body), 400, 'invalid_request')

    expect(problem.errors?.map((each) => each.path)).toContain(path)
  })

  test('nested without end is refused, as JSON and as text', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)

    await expectProblem(await send('POST', '/api/itineraries', deep), 400, 'invalid_request')
    await expectProblem(await send('POST', '/api/itineraries', '['.repeat(60_000)), 400, 'invalid_request')
  })

  test.each([
    [undefined],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonp'],
    ['application/json, text/plain'],
  ])('of type %s is refused', async (type) => {
    const response = await fetch(`${app.url}/api/itineraries`, {
      method: 'POST',
      headers: { cookie, ...(type === undefined ? {} : { 'content-type': type }) },
      body: Buffer.from(withTrip({})),
    })

    await expectProblem(response, 415, 'unsupported_media_type')
  })

  test.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], ['application/json;charset=UTF-8']])(
    'of type %s is taken',
    async (type) => {
      const response = await send('POST', '/api/itineraries', withTrip({}), { 'content-type': type })

      expect(response.status).toBe(201)
    },
  )

  test('of exactly the limit is read and of one byte more is not', async () => {
    const limit = 64 * 1024
    const exact = withTrip({}).padEnd(limit, ' ')

    expect((await send('POST', '/api/itineraries', exact)).status).toBe(201)
    await expectProblem(await send('POST', '/api/itineraries', `${exact} `), 413, 'payload_too_large')
  })
})

describe('an address', () => {
  test.each([
    ['/'],
    ['/api'],
    ['/nothing'],
    ['/api/itinerary'],
    ['/api/itineraries/'],
    ['/api/itineraries/a/b/c'],
    ['/metrics'],
    ['/API/me'],
    ['/livez/'],
    ['/.env'],
    ['/api/../etc/passwd'],
  ])('that nobody has is not found: %s', async (path) => {
    await expectProblem(await send('GET', path), 404, 'not_found')
  })

  test.each([
    ['DELETE', '/api/itineraries', 'GET, HEAD, POST'],
    ['PUT', '/api/itineraries/x', 'DELETE, GET, HEAD, PATCH'],
    ['GET', '/api/itineraries/x/archive', 'POST'],
    ['POST', '/api/me', 'GET, HEAD'],
    ['POST', '/livez', 'GET, HEAD'],
    ['OPTIONS', '/api/me', 'GET, HEAD'],
    ['PATCH', '/api/auth/sign-in/email', 'GET, HEAD, POST'],
    ['PROPFIND', '/livez', 'GET, HEAD'],
  ])('takes no other method than its own: %s %s', async (method, path, allow) => {
    const response = await send(method, path)

    await expectProblem(response, 405, 'method_not_allowed')
    expect(response.headers.get('allow')).toBe(allow)
  })

  test.each([['/api/itineraries/%00'], ['/api/itineraries?cursor=%00'], ['/%00'], ['/api/auth/%00']])(
    'with U+0000 is refused: %s',
    async (path) => {
      await expectProblem(await send('GET', path), 400, 'invalid_request')
    },
  )

  test.each([
    ['%'],
    ['%zz'],
    ['%ff'],
    ['..%2f..'],
    ['%F0%9F%8D%81'],
    ["'; DROP TABLE itineraries; --"],
    ['x'.repeat(400)],
  ])('of no itinerary is not found: %s', async (id) => {
    await expectProblem(await send('GET', `/api/itineraries/${id}`), 404, 'not_found')
  })
})

describe('a list', () => {
  const cursorOf = (plain: string) => Buffer.from(plain, 'latin1').toString('base64url')

  test.each([
    ['limit=0'],
    ['limit=-1'],
    ['limit=101'],
    ['limit=1.5'],
    ['limit=abc'],
    ['limit='],
    ['limit=1e9'],
    ['limit=NaN'],
    ['limit=1&limit=2'],
    ['limit=99999999999999999999'],
    ['cursor='],
    ['cursor=x'],
    ['cursor=%F0%9F%8D%81'],
    [`cursor=${cursorOf('t:1:not-a-uuid')}`],
    [`cursor=${cursorOf('t:99999999999999999:00000000-0000-7000-8000-000000000000')}`],
    [`cursor=${cursorOf('o:1')}`],
    [`cursor=${'A'.repeat(201)}`],
    ['archived=yes'],
    ['archived='],
    ['unknown=1'],
    ['__proto__=1'],
  ])('of itineraries refuses ?%s', async (query) => {
    await expectProblem(await send('GET', `/api/itineraries?${query}`), 400, 'invalid_request')
  })

  test.each([['limit=1'], ['limit=100'], ['archived=true'], ['archived=false'], ['']])(
    'of itineraries takes ?%s',
    async (query) => {
      expect((await send('GET', `/api/itineraries?${query}`)).status).toBe(200)
    },
  )

  test('of messages takes no cursor of another list', async () => {
    const begun = await send('POST', '/api/conversations', '{"title":"a"}')
    const { id } = (await begun.json()) as { id: string }
    const list = (plain: string) => send('GET', `/api/conversations/${id}/messages?cursor=${cursorOf(plain)}`)

    expect((await list('o:1')).status).toBe(200)
    await expectProblem(await list('t:1:00000000-0000-7000-8000-000000000000'), 400, 'invalid_request')
    await expectProblem(await list('o:9999999999'), 400, 'invalid_request')
  })
})
