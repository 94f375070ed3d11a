import type { MiddlewareHandler } from 'hono'
import { getSession } from '../../auth/get-session.ts'
import { AppError } from '../../errors.ts'
import type { AppDeps } from '../app-deps.ts'
import type { UserEnv } from '../context.ts'

export function requireUser({ auth }: Pick<AppDeps, 'auth'>): MiddlewareHandler<UserEnv> {
  return async (c, next) => {
    const signedIn = await getSession(auth, c.req.raw.headers)
    if (signedIn === null) {
      throw new AppError('unauthenticated', 'no valid session', {
        hint: 'sign in with POST /api/auth/sign-in/email',
      })
    }
    c.set('user', signedIn.user)
    // On Node's response, so that a prolonged session reaches the client whatever the answer turns out to be.
    for (const cookie of signedIn.cookies) c.env.outgoing.appendHeader('set-cookie', cookie)
    await next()
  }
}
