import { and, eq, gt, sql } from 'drizzle-orm'
import { parseCookies } from 'better-auth/cookies'
import { preparedOnce } from '../db/prepared-once.ts'
import { session, user } from '../db/schema/auth-tables.ts'
import type { Auth } from './create-auth.ts'
import { readSessionToken } from './read-session-token.ts'

export interface SignedIn {
  user: {
    id: string
    name: string
    email: string
    emailVerified: boolean
    image: string | null
    createdAt: Date
    updatedAt: Date
  }
  session: { id: string; expiresAt: Date }
  /** `Set-Cookie` values for the response, present when the session was prolonged. Usually empty. */
  cookies: string[]
}

const byToken = preparedOnce((db) =>
  db
    .select({ user, session: { id: session.id, expiresAt: session.expiresAt } })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(and(eq(session.token, sql.placeholder('token')), gt(session.expiresAt, sql`now()`)))
    .prepare('get_session'),
)

/**
 * Returns the user and session that the cookie in `headers` belongs to, or null. Uses one prepared statement, because
 * Better Auth's own lookup takes several times as long. Better Auth is called only when the session is due to be
 * prolonged: once a day per session.
 */
export async function getSession(auth: Auth, headers: Headers): Promise<SignedIn | null> {
  const { authCookies, secret, sessionConfig } = await auth.$context
  const cookies = parseCookies(headers.get('cookie') ?? '')
  const token = readSessionToken(cookies.get(authCookies.sessionToken.name), secret)
  if (token === undefined) return null
  const [found] = await byToken(auth.db).execute({ token })
  if (found === undefined) return null
  const age = sessionConfig.expiresIn * 1000 - (found.session.expiresAt.getTime() - Date.now())
  const isDue = age >= sessionConfig.updateAge * 1000
  if (isDue && !cookies.has(authCookies.dontRememberToken.name)) return prolong(auth, headers)
  return { ...found, cookies: [] }
}

async function prolong(auth: Auth, headers: Headers): Promise<SignedIn | null> {
  const { response, headers: answered } = await auth.api.getSession({ headers, returnHeaders: true })
  if (response === null) return null
  const { image, ...rest } = response.user
  return {
    user: { ...rest, image: image ?? null },
    session: { id: response.session.id, expiresAt: response.session.expiresAt },
    cookies: answered.getSetCookie(),
  }
}
