import type { Context } from 'hono'

/** Points from a page to the next one (RFC 8288), with the other parameters of the request kept. */
export function setNextLink(c: Context, nextCursor: string | null): void {
  if (nextCursor === null) return
  const url = new URL(c.req.url)
  url.searchParams.set('cursor', nextCursor)
  c.header('link', `<${url.pathname}${url.search}>; rel="next"`)
}
