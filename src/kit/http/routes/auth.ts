import { Hono, type Context } from 'hono'
import { clientAddressHeader } from '../../auth/client-address-header.ts'
import { AppError } from '../../errors.ts'
import type { AppDeps } from '../app-deps.ts'
import type { ClientAddresses } from '../server/client-address.ts'
import type { HttpEnv } from '../context.ts'
import { requireJsonType } from '../rest/json-body.ts'
import { adoptedProblem } from '../rest/problem.ts'
import { readRequestBody } from '../rest/read-request-body.ts'

type AuthDeps = Pick<AppDeps, 'auth' | 'settings'> & { addresses: ClientAddresses }

/**
 * Forwards requests under /api/auth to Better Auth. Its refusals become problems and keep the members that its client
 * reads. Its messages for 500 and above are not passed on, because they may quote internals.
 */
export function createAuthRoutes(deps: AuthDeps) {
  const routes = new Hono<HttpEnv>()
  routes.on(['GET', 'POST'], '/api/auth/*', async (c) => {
    const response = await deps.auth.handler(await forwarded(c, deps))
    if (response.status === 404 && response.body === null) {
      throw new AppError('not_found', 'there is nothing at this address')
    }
    if (response.status >= 500) throw new AppError('internal', 'something went wrong on our side')
    return response.status >= 400 ? refusal(response, c.get('requestId')) : response
  })
  return routes
}

/** Copies the request, with a body under the limit and with the trusted client address. */
async function forwarded(c: Context<HttpEnv>, deps: AuthDeps): Promise<Request> {
  const headers = new Headers(c.req.raw.headers)
  headers.set(clientAddressHeader, deps.addresses.addressOf(c.env.incoming))
  const text = await readRequestBody(c, deps.settings.bodyLimitBytes)
  const { method, url } = c.req
  if (text === '') return new Request(url, { method, headers })
  // `new Request` would throw a TypeError, which would become a 500.
  if (method !== 'POST') throw new AppError('invalid_request', `${method} takes no request body`)
  requireJsonType(headers.get('content-type') ?? undefined)
  return new Request(url, { method, headers, body: text })
}

/** Better Auth sends `x-retry-after` instead of the standard `retry-after`. */
async function refusal(response: Response, requestId: string): Promise<Response> {
  const headers = new Headers(response.headers)
  const seconds = headers.get('x-retry-after')
  if (response.status === 429 && seconds !== null) headers.set('retry-after', seconds)
  return adoptedProblem({ status: response.status, headers, members: await membersOf(response) }, requestId)
}

async function membersOf(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => undefined)
  return typeof body === 'object' && body !== null ? { ...body } : {}
}
