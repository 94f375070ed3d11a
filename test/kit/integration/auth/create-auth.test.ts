import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { account, session, user } from '../../../../src/kit/db/schema/auth-tables.ts'
import { openDatabase } from '../../../../src/kit/db/open-database.ts'
import { isUnavailable } from '../../../../src/kit/postgres/pg-error.ts'
import { freePort } from '../../support/free-port.ts'
import { baseUrl, call, newEmail, openAuth, password, signUp, type AuthUnderTest } from './open-auth.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let opened: AuthUnderTest
beforeAll(async () => {
  opened = await openAuth()
})
afterAll(() => opened.close())

describe('sign-up and sign-in', () => {
  it('signs up, out and in again, with a cookie that no script and no plain connection sees', async () => {
    const { email, cookie, setCookie } = await signUp(opened.auth)
    const out = await call(opened.auth, '/sign-out', { body: {}, cookie })

    const back = await call(opened.auth, '/sign-in/email', { body: { email: email.toUpperCase(), password } })

    expect(setCookie[0]).toMatch(/^__Secure-better-auth\.session_token=.*HttpOnly; Secure; SameSite=Lax$/)
    expect([out.status, back.status]).toEqual([200, 200])
    expect(await (await call(opened.auth, '/get-session', { cookie })).json()).toBeNull()
  })

  it('leaves Secure away from the cookies of a plain http address', async () => {
    const plain = opened.another({ baseUrl: 'http://localhost:3000', trustedOrigins: [baseUrl] })

    const { setCookie } = await signUp(plain)

    expect(setCookie[0]).toMatch(/^better-auth\.session_token=/)
    expect(setCookie[0]).not.toContain('Secure')
  })

  it('answers a wrong password and an unknown address with the same words', async () => {
    const { email } = await signUp(opened.auth)

    const answers = await Promise.all(
      [email, newEmail()].map(async (each) => {
        const response = await call(opened.auth, '/sign-in/email', {
          body: { email: each, password: 'wrong' },
        })
        return [response.status, await response.json()] as const
      }),
    )

    expect(answers[0]?.[0]).toBe(401)
    expect(answers[1]).toEqual(answers[0])
  })

  it('lets one of five sign-ups with one address win, whatever its capitals', async () => {
    const email = newEmail()
    const variants = [email, email.toUpperCase(), email.toLowerCase(), email, email]

    const statuses = await Promise.all(
      variants.map(async (each) => {
        const body = { email: each, password, name: 'x' }
        return (await call(opened.auth, '/sign-up/email', { body })).status
      }),
    )

    expect(statuses.sort((one, other) => one - other)).toEqual([200, 422, 422, 422, 422])
  })

  it('keeps the first 512 characters of a user agent', async () => {
    const { auth, db } = opened
    const body = { email: newEmail(), password, name: 'x' }
    const headers = { 'content-type': 'application/json', 'user-agent': 'x'.repeat(9000) }

    await auth.api.signUpEmail({ body, headers })

    const rows = await db.select({ userAgent: session.userAgent }).from(session)
    expect(Math.max(...rows.map(({ userAgent }) => userAgent?.length ?? 0))).toBe(512)
  })
})

describe('a request from another site', () => {
  it('is refused when it brings a cookie, although NODE_ENV is test', async () => {
    const { cookie } = await signUp(opened.auth)

    const response = await call(opened.auth, '/sign-out', {
      body: {},
      cookie,
      origin: 'https://evil.example',
    })

    expect(process.env['NODE_ENV']).toBe('test')
    expect(response.status).toBe(403)
  })

  it('is heard when its origin is trusted', async () => {
    const auth = opened.another({ trustedOrigins: ['https://friend.example'] })
    const { cookie } = await signUp(auth)

    const response = await call(auth, '/sign-out', { body: {}, cookie, origin: 'https://friend.example' })

    expect(response.status).toBe(200)
  })
})

describe('what PostgreSQL cannot store', () => {
  const good = { email: 'someone@example.com', password, name: 'x' }

  it.each([
    ['U+0000 in a name', '/sign-up/email', { ...good, name: 'a\u0000b' }],
    ['a lone surrogate in a name', '/sign-up/email', { ...good, name: 'a\ud800b' }],
    ['a name of 201 characters', '/sign-up/email', { ...good, name: 'n'.repeat(201) }],
    ['an address of 255 characters', '/sign-up/email', { ...good, email: `${'e'.repeat(243)}@example.com` }],
    ['U+0000 in an address', '/sign-in/email', { email: 'a\u0000@example.com', password }],
    ['U+0000 in a query', '/verify-email?token=a%00b', undefined],
  ])('is refused in the request: %s', async (_case, path, body) => {
    const response = await call(opened.auth, path, body === undefined ? {} : { body })

    expect(response.status).toBe(400)
    expect(opened.heard).toEqual([])
  })
})

describe('a user without a name', () => {
  it('cannot come about by an update', async () => {
    const { cookie } = await signUp(opened.auth)

    const response = await call(opened.auth, '/update-user', { body: { name: null }, cookie })

    expect(response.status).toBe(400)
  })
})

describe('a database error at sign-up', () => {
  it('leaves no orphan user and prints nothing, least of all the password hash', async () => {
    const broken = await openAuth()
    const admin = postgres(broken.database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
    await admin`REVOKE INSERT ON account FROM app`
    const spies = [vi.spyOn(process.stderr, 'write'), vi.spyOn(process.stdout, 'write')]
    const consoles = (['log', 'warn', 'error'] as const).map((name) => vi.spyOn(console, name))

    const body = { email: newEmail(), password, name: 'x' }
    const failure: unknown = await call(broken.auth, '/sign-up/email', { body }).catch((err: unknown) => err)

    expect(failure).toBeInstanceOf(Error)
    for (const spy of [...spies, ...consoles]) expect(spy).not.toHaveBeenCalled()
    expect(await broken.db.$count(user)).toBe(0)
    vi.restoreAllMocks()
    await admin.end()
    await broken.close()
  })
})

describe('a database that is away', () => {
  it.each([
    ['/sign-in/email', { email: 'a@example.com', password }],
    ['/sign-up/email', { email: 'a@example.com', password, name: 'x' }],
    ['/get-session', undefined],
    ['/change-password', { currentPassword: password, newPassword: `${password}2` }],
  ])('makes %s fail as unavailable, not as a refusal', async (path, body) => {
    const { cookie } = await signUp(opened.auth)
    const url = `postgres://app:x@127.0.0.1:${await freePort()}/none`
    const handle = openDatabase({ ...poolSettings, url, poolSize: 1 })
    const auth = opened.another({ db: handle.db })

    const failure: unknown = await call(auth, path, { cookie, ...(body && { body }) }).catch(
      (err: unknown) => err,
    )

    expect(failure).toBeInstanceOf(Error)
    expect(isUnavailable(failure)).toBe(true)
    await handle.close()
  })
})

describe('the tables', () => {
  const row = { name: 'x', emailVerified: false }

  it('refuse an address that differs from another in its capitals alone', async () => {
    await opened.db.insert(user).values({ id: 'cap-1', email: 'Capital@example.com', ...row })

    const second = opened.db.insert(user).values({ id: 'cap-2', email: 'capital@example.com', ...row })

    await expect(second).rejects.toMatchObject({ cause: { constraint_name: 'user_email_lower_key' } })
  })

  it('refuse a second account of the same name at the same provider', async () => {
    await opened.db.insert(user).values({ id: 'acc-1', email: 'acc-1@example.com', ...row })
    const same = { userId: 'acc-1', providerId: 'github', accountId: '7' }
    await opened.db.insert(account).values({ id: 'one', ...same })

    const second = opened.db.insert(account).values({ id: 'two', ...same })

    await expect(second).rejects.toMatchObject({
      cause: { constraint_name: 'account_provider_id_account_id_key' },
    })
  })
})
