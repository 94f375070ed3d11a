import { randomUUID } from 'node:crypto'
import { clientAddressHeader } from '../../../../src/kit/auth/client-address-header.ts'
import { createAuth, type Auth, type AuthSettings } from '../../../../src/kit/auth/create-auth.ts'
import { openDatabase, type Database } from '../../../../src/kit/db/open-database.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

export const baseUrl = 'https://slipway.example'
export const password = 'correct horse battery 🐴'

export interface AuthUnderTest {
  auth: Auth
  db: Database
  database: TestDatabase
  /** What Better Auth would have swallowed. */
  heard: Error[]
  /** How many statements were sent so far. */
  queries: () => number
  another: (settings?: Partial<AuthSettings>) => Auth
  close: () => Promise<void>
}

/** An instance on a fresh database, entered as `app`; without rate limits unless they are what is tried. */
export async function openAuth(settings: Partial<AuthSettings> = {}): Promise<AuthUnderTest> {
  const database = await createTestDatabase()
  let queries = 0
  const url = database.urlFor('app')
  const handle = openDatabase({ ...poolSettings, url }, { onQuery: () => void (queries += 1) })
  const heard: Error[] = []
  const another = (more: Partial<AuthSettings> = {}): Auth =>
    createAuth({
      db: handle.db,
      secret: 's'.repeat(16) + 'ecret'.repeat(4),
      baseUrl,
      rateLimits: false,
      onError: (error) => heard.push(error),
      ...settings,
      ...more,
    })
  return {
    auth: another(),
    db: handle.db,
    database,
    heard,
    queries: () => queries,
    another,
    close: async () => {
      await handle.close()
      await database.close()
    },
  }
}

export interface Call {
  body?: unknown
  cookie?: string
  origin?: string
  address?: string
}

/** One request as http would hand it over. */
export function call(
  auth: Auth,
  path: string,
  { body, cookie, origin = baseUrl, address = '192.0.2.1' }: Call = {},
) {
  const headers = new Headers({ origin, [clientAddressHeader]: address })
  if (cookie !== undefined) headers.set('cookie', cookie)
  if (body === undefined) return auth.handler(new Request(`${baseUrl}/api/auth${path}`, { headers }))
  headers.set('content-type', 'application/json')
  const request = { method: 'POST', headers, body: JSON.stringify(body) }
  return auth.handler(new Request(`${baseUrl}/api/auth${path}`, request))
}

export function newEmail() {
  return `${randomUUID()}@Example.com`
}

export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
}

export async function signUp(auth: Auth, { email = newEmail(), rememberMe = true } = {}) {
  const response = await call(auth, '/sign-up/email', { body: { email, password, name: 'Zoë', rememberMe } })
  if (response.status !== 200)
    throw new Error(`sign-up answered ${response.status}: ${await response.text()}`)
  return { email, cookie: cookieOf(response), setCookie: response.headers.getSetCookie() }
}
