import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'

let app: FixtureApp
let cookie: string

beforeAll(async () => {
  app = await openFixtureApp()
  cookie = (await app.signUp()).cookie
})

afterAll(() => app.close())

function send(
  method: string,
  path: string,
  body?: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  return fetch(app.url + path, {
    method,
    headers: { cookie, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

interface Problem {
  code: string
  request_id: string
  errors?: { path: string; message: string }[]
}

/** A problem that says `code`, to the letter of RFC 9457. */
async function expectProblem(response: Response, status: number, code: string): Promise<Problem> {
  const problem = (await response.json()) as Problem
  expect(problem).toMatchObject({ type: 'about:blank', status, code })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(problem.request_id).toBe(response.headers.get('x-request-id'))
  return problem
}

const parcel = { label: 'a', place: 'b' }
function withParcel(fields: object) {
  return JSON.stringify({ ...parcel, ...fields })
}

describe('a body', () => {
  test.each([
    ['nothing at all', ''],
    ['half of it', '{"label":"a"'],
    ['no JSON', 'label=a&place=b'],
    ['two values', '{}{}'],
    ['a bare NUL', '{"label":"\0"}'],
    ['bytes that are not UTF-8', Buffer.from('{"label":"\xff","place":"b"}', 'latin1')],
    ['UTF-16', Buffer.from(withParcel({}), 'utf16le')],
    ['an overlong encoding', Buffer.from('{"label":"a\xc1\x81","place":"b"}', 'latin1')],
  ])('of %s is refused', async (_what, body) => {
    await expectProblem(await send('POST', '/api/parcels', body), 400, 'invalid_request')
  })

  test.each([
    ['null', 'null', 'body'],
    ['a list', '[]', 'body'],
    ['a number', '1', 'body'],
    ['an empty object', '{}', 'body.label'],
    ['a wrong type', withParcel({ label: 5 }), 'body.label'],
    ['an empty label', withParcel({ label: '' }), 'body.label'],
    ['a blank label', withParcel({ label: ' \t\n' }), 'body.label'],
    ['a label one too long', withParcel({ label: 'x'.repeat(201) }), 'body.label'],
    ['an escaped NUL', withParcel({ label: 'a\0b' }), 'body.label'],
    ['half a surrogate pair', withParcel({ label: '\ud83c' }), 'body.label'],
    ['an escaped NUL in a key', withParcel({ 'a\0': 1 }), 'body'],
    ['an unknown field', withParcel({ userId: 'somebody' }), 'body'],
    ['__proto__', '{"label":"a","place":"b","__proto__":{"status":"sent"}}', 'body'],
    ['an id of its own', withParcel({ id: '0' }), 'body'],
    ['a day that does not exist', withParcel({ dueOn: '2027-02-30' }), 'body.dueOn'],
    ['a year that PostgreSQL does not have', withParcel({ dueOn: '99999-01-01' }), 'body.dueOn'],
    ['an unknown status', withParcel({ status: 'gone' }), 'body.status'],
    ['contents that are none', withParcel({ contents: 'all' }), 'body.contents'],
    [
      'a count beyond all bounds',
      withParcel({ contents: [{ name: 'a', count: 1e300 }] }),
      'body.contents[0].count',
    ],
  ])('with %s is refused by its place', async (_what, body, path) => {
    const problem = await expectProblem(await send('POST', '/api/parcels', body), 400, 'invalid_request')

    expect(problem.errors?.map((each) => each.path)).toContain(path)
  })

  test('nested without end is refused, as JSON and as text', async () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)

    await expectProblem(await send('POST', '/api/parcels', deep), 400, 'invalid_request')
    await expectProblem(await send('POST', '/api/parcels', '['.repeat(60_000)), 400, 'invalid_request')
  })

  test.each([
    [undefined],
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/jsonp'],
    ['application/json, text/plain'],
  ])('of type %s is refused', async (type) => {
    const response = await fetch(`${app.url}/api/parcels`, {
      method: 'POST',
      headers: { cookie, ...(type === undefined ? {} : { 'content-type': type }) },
      body: Buffer.from(withParcel({})),
    })

    await expectProblem(response, 415, 'unsupported_media_type')
  })

  test.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], ['application/json;charset=UTF-8']])(
    'of type %s is taken',
    async (type) => {
      const response = await send('POST', '/api/parcels', withParcel({}), { 'content-type': type })

      expect(response.status).toBe(201)
    },
  )

  test('of exactly the limit is read and of one byte more is not', async () => {
    const limit = 64 * 1024
    const exact = withParcel({}).padEnd(limit, ' ')

    expect((await send('POST', '/api/parcels', exact)).status).toBe(201)
    await expectProblem(await send('POST', '/api/parcels', `${exact} `), 413, 'payload_too_large')
  })
})

describe('an address', () => {
  test.each([
    ['/'],
    ['/api'],
    ['/nothing'],
    ['/api/parcel'],
    ['/api/parcels/'],
    ['/api/parcels/a/b/c'],
    ['/metrics'],
    ['/API/me'],
    ['/livez/'],
    ['/.env'],
    ['/api/../etc/passwd'],
  ])('that nobody has is not found: %s', async (path) => {
    await expectProblem(await send('GET', path), 404, 'not_found')
  })

  test.each([
    ['DELETE', '/api/parcels', 'GET, HEAD, POST'],
    ['PUT', '/api/parcels/x', 'DELETE, GET, HEAD, PATCH'],
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

  test.each([['/api/parcels/%00'], ['/api/parcels?cursor=%00'], ['/%00'], ['/api/auth/%00']])(
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
    ["'; DROP TABLE parcels; --"],
    ['x'.repeat(400)],
  ])('of no parcel is not found: %s', async (id) => {
    await expectProblem(await send('GET', `/api/parcels/${id}`), 404, 'not_found')
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
    ['unknown=1'],
    ['__proto__=1'],
  ])('of parcels refuses ?%s', async (query) => {
    await expectProblem(await send('GET', `/api/parcels?${query}`), 400, 'invalid_request')
  })

  test.each([['limit=1'], ['limit=100'], ['']])('of parcels takes ?%s', async (query) => {
    expect((await send('GET', `/api/parcels?${query}`)).status).toBe(200)
  })
})
