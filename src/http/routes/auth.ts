import { Hono, type Context } from 'hono'
import { clientAddressHeader } from '../../auth/client-address-header.ts'
import { AppError } from '../../errors.ts'
import type { AppDeps } from '../app-deps.ts'
import type { ClientAddresses } from '../client-address.ts'
import type { HttpEnv } from '../context.ts'
import { requireJsonType } from '../middleware/json-body.ts'
import { readRequestBody } from '../read-request-body.ts'

type AuthDeps = Pick<AppDeps, 'auth' | 'settings'> & { addresses: ClientAddresses }

/**
 * Hands everything under /api/auth to Better Auth and keeps its own error format, which its client reads; but not an
 * empty 404, and nothing from 500 up, which might say more than it should.
 */
export function createAuthRoutes(deps: AuthDeps) {
  const routes = new Hono<HttpEnv>()
  routes.on(['GET', 'POST'], '/api/auth/*', async (c) => {
    const response = await deps.auth.handler(await forwarded(c, deps))
    if (response.status === 404 && response.body === null) {
      throw new AppError('not_found', 'there is nothing at this address')
    }
    if (response.status >= 500) throw new AppError('internal', 'something went wrong on our side')
    return withRetryAfter(response)
  })
  return routes
}

/** A request of our own making: its body is under the limit, and the address in it is the one we believe. */
async function forwarded(c: Context<HttpEnv>, deps: AuthDeps): Promise<Request> {
  const headers = new Headers(c.req.raw.headers)
  headers.set(clientAddressHeader, deps.addresses.addressOf(c.env.incoming))
  const text = await readRequestBody(c, deps.settings.bodyLimitBytes)
  const { method, url } = c.req
  if (text === '') return new Request(url, { method, headers })
  requireJsonType(headers.get('content-type') ?? undefined)
  return new Request(url, { method, headers, body: text })
}

/** Better Auth invents its own name for the standard header. */
function withRetryAfter(response: Response): Response {
  const seconds = response.headers.get('x-retry-after')
  if (response.status !== 429 || seconds === null) return response
  const headers = new Headers(response.headers)
  headers.set('retry-after', seconds)
  return new Response(response.body, { status: 429, headers })
}
