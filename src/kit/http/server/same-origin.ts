import type { MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpSettings } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** `none`: the user typed the address. A subdomain sends `same-site` and is as foreign as any other page. */
const ownSites = new Set(['same-origin', 'none'])

/**
 * Refuses a browser's write unless it comes from our own origin or one that CORS allows, because the browser adds the
 * session cookie for any page. Clients other than browsers send none of the three headers and pass.
 */
export function sameOrigin({
  publicUrl,
  corsOrigins,
}: Pick<HttpSettings, 'publicUrl' | 'corsOrigins'>): MiddlewareHandler<HttpEnv> {
  const allowed = new Set([new URL(publicUrl).origin, ...corsOrigins])
  return (c, next) => {
    if (safeMethods.has(c.req.method)) return next()
    const sender = senderOf((name) => c.req.header(name))
    if (sender === undefined || allowed.has(sender)) return next()
    throw new AppError('forbidden', 'requests from this origin are not allowed', {
      hint: 'the operator allows an origin with HTTP_CORS_ORIGINS',
      fields: { origin: sender },
    })
  }
}

/**
 * Returns the foreign origin that the browser names, from the most reliable header it sent: some requests carry no
 * Origin, and browsers before 2020 send no Sec-Fetch-Site. Undefined for our own origin and without a page.
 */
function senderOf(header: (name: string) => string | undefined): string | undefined {
  const origin = header('origin')
  if (origin !== undefined) return origin
  const site = header('sec-fetch-site')
  if (site !== undefined) return ownSites.has(site) ? undefined : site
  const referer = header('referer')
  return referer === undefined ? undefined : (URL.parse(referer)?.origin ?? 'null')
}
