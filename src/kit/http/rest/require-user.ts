import type { MiddlewareHandler } from 'hono'
import { getSession } from '../../auth/get-session.ts'
import { AppError } from '../../errors.ts'
import type { AppDeps } from '../app-deps.ts'
import type { UserEnv } from '../context.ts'

/** Middleware that sets `user` from the session cookie. Throws `unauthenticated` without a valid session. */
export function requireUser({ auth }: Pick<AppDeps, 'auth'>): MiddlewareHandler<UserEnv> {
  return async (c, next) => {
    const signedIn = await getSession(auth, c.req.raw.headers)
    if (signedIn === null) {
      throw new AppError('unauthenticated', 'no valid session', {
        hint: 'sign in with POST /api/auth/sign-in/email',
      })
    }
    c.set('user', signedIn.user)
    // Set on Node's response, so that a prolonged session reaches the client with any answer, errors too.
    for (const cookie of signedIn.cookies) c.env.outgoing.appendHeader('set-cookie', cookie)
    await next()
  }
}
