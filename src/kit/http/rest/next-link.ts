import type { Context } from 'hono'
import type { HttpEnv } from '../context.ts'
import { setHeaders } from './set-headers.ts'

/** Sets the `Link` header to the next page (RFC 8288) and keeps the other query parameters. */
export function setNextLink(c: Pick<Context<HttpEnv>, 'env' | 'req'>, nextCursor: string | null): void {
  if (nextCursor === null) return
  const url = new URL(c.req.url)
  url.searchParams.set('cursor', nextCursor)
  setHeaders(c, { link: `<${url.pathname}${url.search}>; rel="next"` })
}
