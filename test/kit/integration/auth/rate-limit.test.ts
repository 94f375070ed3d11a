import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consumeRateLimit } from '../../../../src/kit/auth/consume-rate-limit.ts'
import { rateLimit } from '../../../../src/kit/db/schema/auth-tables.ts'
import { call, openAuth, password, type AuthUnderTest } from './open-auth.ts'

let opened: AuthUnderTest
beforeAll(async () => {
  opened = await openAuth({ rateLimits: true })
})
afterAll(() => opened.close())

const rule = { window: 10, max: 5 }

/** As if every window had begun that much earlier. */
async function rewind(ms: number): Promise<void> {
  await opened.db.update(rateLimit).set({ lastRequest: sql`${rateLimit.lastRequest} - ${ms}` })
}

describe('consume rate limit', () => {
  it('allows exactly as many of 20 parallel requests as the rule says', async () => {
    const verdicts = await Promise.all(
      Array.from({ length: 20 }, () => consumeRateLimit(opened.db, 'parallel', rule)),
    )

    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(5)
  })

  it('says how long to wait, and allows again when that time is over', async () => {
    for (let request = 0; request < 5; request += 1) await consumeRateLimit(opened.db, 'again', rule)
    await rewind(4_000)

    const refused = await consumeRateLimit(opened.db, 'again', rule)
    await rewind(6_000)

    expect(refused).toEqual({ allowed: false, retryAfter: 6 })
    expect(await consumeRateLimit(opened.db, 'again', rule)).toEqual({ allowed: true, retryAfter: null })
  })

  it('does not lock out a client that calls steadily but below the rate', async () => {
    const verdicts: boolean[] = []
    for (let request = 0; request < 12; request += 1) {
      verdicts.push((await consumeRateLimit(opened.db, 'steady', rule)).allowed)
      await rewind(2_500)
    }

    expect(verdicts).not.toContain(false)
  })
})

describe('sign-in under a rate limit', () => {
  const attempt = (address: string, auth = opened.auth) =>
    call(auth, '/sign-in/email', { body: { email: 'nobody@example.com', password }, address })

  it('refuses the fourth attempt within ten seconds, of that address alone and in every replica', async () => {
    const first = [await attempt('203.0.113.7'), await attempt('203.0.113.7'), await attempt('203.0.113.7')]

    const fourth = await attempt('203.0.113.7')
    const replica = await attempt('203.0.113.7', opened.another())
    const neighbour = await attempt('203.0.113.8')

    expect(first.map(({ status }) => status)).toEqual([401, 401, 401])
    expect([fourth.status, replica.status, neighbour.status]).toEqual([429, 429, 401])
    expect(Number(fourth.headers.get('x-retry-after'))).toBeGreaterThan(0)
  })

  it('counts all paths that no endpoint has in one row, however long they are', async () => {
    const before = await opened.db.$count(rateLimit)

    for (let path = 0; path < 5; path += 1) {
      const response = await call(opened.auth, `/${String(path).repeat(8000)}`, { address: '203.0.113.9' })
      expect(response.status).toBe(404)
    }

    expect((await opened.db.$count(rateLimit)) - before).toBe(1)
  })
})
