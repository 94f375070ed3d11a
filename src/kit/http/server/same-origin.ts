import type { MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpSettings } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** `none`: the user typed the address. A subdomain of ours says `same-site` and is as foreign as any other page. */
const ownSites = new Set(['same-origin', 'none'])

/**
 * Refuses a browser's write unless it comes from our own origin or from one that CORS allows: the browser adds the session
 * cookie whichever page sends the request. Clients that are no browser send none of the three headers and pass.
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
 * The origin that a browser names, by the most reliable header that it sent: some requests carry no Origin, and browsers
 * before 2020 no Sec-Fetch-Site. Undefined when the page is of our own origin or when there is no page.
 */
function senderOf(header: (name: string) => string | undefined): string | undefined {
  const origin = header('origin')
  if (origin !== undefined) return origin
  const site = header('sec-fetch-site')
  if (site !== undefined) return ownSites.has(site) ? undefined : site
  const referer = header('referer')
  return referer === undefined ? undefined : (URL.parse(referer)?.origin ?? 'null')
}
