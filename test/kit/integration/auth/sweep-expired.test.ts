import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sweepExpired } from '../../../../src/kit/auth/sweep-expired.ts'
import { rateLimit, session, user, verification } from '../../../../src/kit/db/schema/auth-tables.ts'
import { openAuth, type AuthUnderTest } from './open-auth.ts'

let opened: AuthUnderTest
beforeAll(async () => {
  opened = await openAuth()
})
afterAll(() => opened.close())

it('removes what is over and keeps what is not', async () => {
  const { db } = opened
  const [gone, kept] = [sql`now() - interval '1 second'`, sql`now() + interval '1 hour'`]
  const [dayOld, young] = [Date.now() - 25 * 3_600_000, Date.now()]
  await db.insert(user).values({ id: 'u', name: 'u', email: 'u@example.com' })
  for (const [id, expiresAt, lastRequest] of [
    ['gone', gone, dayOld],
    ['kept', kept, young],
  ] as const) {
    await db.insert(session).values({ id, token: id, userId: 'u', expiresAt })
    await db.insert(verification).values({ id, identifier: id, value: id, expiresAt })
    await db.insert(rateLimit).values({ id, key: id, count: 1, lastRequest })
  }

  expect(await sweepExpired(db)).toBe(3)

  const left = [session, verification, rateLimit].map((table) => db.select({ id: table.id }).from(table))
  expect(await Promise.all(left)).toEqual([[{ id: 'kept' }], [{ id: 'kept' }], [{ id: 'kept' }]])
})
