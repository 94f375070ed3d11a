import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'

let app: FixtureApp
let behindProxy: FixtureApp

beforeAll(async () => {
  app = await openFixtureApp()
  behindProxy = await openFixtureApp({ settings: { trustedProxies: ['127.0.0.0/8'] } })
})

afterAll(async () => {
  await app.close()
  await behindProxy.close()
})

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('the request id', () => {
  test('is ours, whatever a stranger sends', async () => {
    const response = await fetch(`${app.url}/livez`, { headers: { 'x-request-id': 'chosen-by-client' } })

    expect(response.headers.get('x-request-id')).toMatch(uuid)
  })

  test.each([
    ['a-sane-id.from_proxy', 'a-sane-id.from_proxy'],
    ['short', uuid],
    ['x'.repeat(129), uuid],
    ['with space', uuid],
    ['quote"newline', uuid],
  ])('of a trusted proxy is kept when it is sane: %s', async (given, expected) => {
    const response = await fetch(`${behindProxy.url}/livez`, { headers: { 'x-request-id': given } })

    expect(response.headers.get('x-request-id')).toMatch(expected)
  })
})

describe('every answer', () => {
  test.each([['/livez'], ['/api/nothing'], ['/api/me'], ['/api/auth/get-session'], ['/api/openapi.json']])(
    'carries the secure headers: %s',
    async (path) => {
      const { headers } = await fetch(app.url + path)

      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})
