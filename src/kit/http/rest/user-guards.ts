import type { MiddlewareHandler } from 'hono'
import type { AppDeps } from '../app-deps.ts'
import type { HttpEnv, UserEnv } from '../context.ts'
import { jsonBody } from './json-body.ts'
import { requireUser } from './require-user.ts'

interface UserGuards {
  user: MiddlewareHandler<UserEnv>
  /** In this order: a stranger's body is never read. */
  userWithBody: [MiddlewareHandler<UserEnv>, MiddlewareHandler<HttpEnv>]
}

/** What stands before the handler of every route that belongs to a user. */
export function userGuards(deps: Pick<AppDeps, 'auth' | 'settings'>): UserGuards {
  const user = requireUser(deps)
  return { user, userWithBody: [user, jsonBody(deps.settings.bodyLimitBytes)] }
}
