import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getSession } from '../../../../src/kit/auth/get-session.ts'
import { session, user } from '../../../../src/kit/db/schema/auth-tables.ts'
import { call, openAuth, signUp, type AuthUnderTest } from './open-auth.ts'

let opened: AuthUnderTest
beforeAll(async () => {
  opened = await openAuth()
})
afterAll(() => opened.close())

function read(cookie: string) {
  return getSession(opened.auth, new Headers({ cookie }))
}

/** As if the session of this cookie had begun that much earlier. */
async function age(cookie: string, interval: string): Promise<Date> {
  const signedIn = await read(cookie)
  const expiresAt = sql`${session.expiresAt} - ${interval}::interval`
  const mine = eq(session.id, signedIn?.session.id ?? '')
  const [aged] = await opened.db.update(session).set({ expiresAt }).where(mine).returning()
  return aged?.expiresAt ?? new Date(NaN)
}

describe('get session', () => {
  it('tells who sent the cookie, in one statement', async () => {
    const { email, cookie } = await signUp(opened.auth)
    await read(cookie)
    const before = opened.queries()

    const signedIn = await read(`theme=dark; ${cookie}; other="x=y"`)

    expect(opened.queries() - before).toBe(1)
    expect(signedIn?.user).toMatchObject({ email: email.toLowerCase(), name: 'Zoë', emailVerified: false })
    expect(signedIn?.cookies).toEqual([])
  })

  it('agrees with Better Auth’s own answer', async () => {
    const { cookie } = await signUp(opened.auth)

    const ours = await read(cookie)
    const theirs = await opened.auth.api.getSession({ headers: new Headers({ cookie }) })

    expect(ours?.user).toEqual(theirs?.user)
    expect(ours?.session.id).toBe(theirs?.session.id)
    expect(ours?.session.expiresAt).toEqual(theirs?.session.expiresAt)
  })

  it.each([
    ['no cookie', () => ''],
    ['an empty cookie', (cookie: string) => `${cookie.split('=', 1)[0] ?? ''}=`],
    ['a cookie of another name', (cookie: string) => cookie.replace('session_token', 'other')],
    [
      'a token with another letter',
      (cookie: string) => cookie.replace(/=(.)/, (_all, first) => `=${first === 'a' ? 'b' : 'a'}`),
    ],
    ['a cut signature', (cookie: string) => cookie.slice(0, -9)],
    ['no signature', (cookie: string) => cookie.replace(/\..[^.]*$/, '')],
    ['a broken escape', (cookie: string) => `${cookie}%E0%A4%A`],
  ])('is null for %s, without asking the database', async (_case, forge) => {
    const { cookie } = await signUp(opened.auth)
    const before = opened.queries()

    expect(await read(forge(cookie))).toBeNull()
    expect(opened.queries()).toBe(before)
  })

  it('is null for a cookie that was signed with another secret', async () => {
    const { cookie } = await signUp(opened.another({ secret: 'another secret of more than 32 characters' }))

    expect(await read(cookie)).toBeNull()
  })

  it('is null right after the sign-out and after the user is gone', async () => {
    const [one, two] = [await signUp(opened.auth), await signUp(opened.auth)]
    await call(opened.auth, '/sign-out', { body: {}, cookie: one.cookie })
    await opened.db.delete(user).where(eq(user.email, two.email.toLowerCase()))

    expect([await read(one.cookie), await read(two.cookie)]).toEqual([null, null])
  })

  it('is null once the session expired', async () => {
    const { cookie } = await signUp(opened.auth)
    await age(cookie, '7 days 1 second')
    const forgotten = await signUp(opened.auth, { rememberMe: false })
    await age(forgotten.cookie, '24 hours 1 second')

    expect([await read(cookie), await read(forgotten.cookie)]).toEqual([null, null])
  })

  it('prolongs a session that is a day old and hands the new cookie over', async () => {
    const { cookie } = await signUp(opened.auth)
    const aged = await age(cookie, '24 hours 1 second')

    const signedIn = await read(cookie)

    expect(signedIn?.session.expiresAt.getTime()).toBeGreaterThan(aged.getTime() + 23 * 3_600_000)
    expect(signedIn?.cookies.join()).toContain('session_token=')
    expect((await read(cookie))?.cookies).toEqual([])
  })

  it('does not prolong a younger session', async () => {
    const { cookie } = await signUp(opened.auth)
    const aged = await age(cookie, '23 hours')

    expect((await read(cookie))?.session.expiresAt).toEqual(aged)
  })

  it('does not prolong the session of a client that must not be remembered, nor ask twice', async () => {
    const { cookie } = await signUp(opened.auth, { rememberMe: false })
    const aged = await age(cookie, '12 hours')
    const before = opened.queries()

    const signedIn = await read(cookie)

    expect(opened.queries() - before).toBe(1)

    expect(signedIn?.session.expiresAt).toEqual(aged)
    expect(signedIn?.cookies).toEqual([])
  })
})
