import type { MiddlewareHandler } from 'hono'
import type { AppDeps } from '../app-deps.ts'
import type { HttpEnv, UserEnv } from '../context.ts'
import { jsonBody } from './json-body.ts'
import { requireUser } from './require-user.ts'

interface UserGuards {
  user: MiddlewareHandler<UserEnv>
  /** In this order, so that the body of an unauthenticated client is never read. */
  userWithBody: [MiddlewareHandler<UserEnv>, MiddlewareHandler<HttpEnv>]
}

/** Creates the middleware for routes that need a signed-in user. */
export function userGuards(deps: Pick<AppDeps, 'auth' | 'settings'>): UserGuards {
  const user = requireUser(deps)
  return { user, userWithBody: [user, jsonBody(deps.settings.bodyLimitBytes)] }
}
