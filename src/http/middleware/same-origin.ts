import type { MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpSettings } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A session cookie travels with whatever page sends the request, so a browser's write must come from our own origin or
 * one that CORS allows. Programs that are no browser send no Origin and pass.
 */
export function sameOrigin({
  publicUrl,
  corsOrigins,
}: Pick<HttpSettings, 'publicUrl' | 'corsOrigins'>): MiddlewareHandler<HttpEnv> {
  const allowed = new Set([new URL(publicUrl).origin, ...corsOrigins])
  return (c, next) => {
    const origin = c.req.header('origin')
    if (origin === undefined || allowed.has(origin) || safeMethods.has(c.req.method)) return next()
    throw new AppError('forbidden', 'requests from this origin are not allowed', {
      hint: 'the operator allows an origin with HTTP_CORS_ORIGINS',
      fields: { origin },
    })
  }
}
