import type { IncomingMessage } from 'node:http'
import { AppError } from '../../errors.ts'

/** Far below the 1,000 where Node begins to drop headers in silence, Cookie and X-Forwarded-For among them. */
const maxHeaders = 100

/** What is refused before any route sees it, because no route could make sense of it. */
export function refuseHostileHead({ headers, rawHeaders, url = '' }: IncomingMessage): void {
  // Node lists names and values in turn.
  if (rawHeaders.length > 2 * maxHeaders) {
    throw new AppError('headers_too_large', `request has more than ${maxHeaders} headers`)
  }
  if (countHosts(rawHeaders) > 1)
    throw new AppError('invalid_request', 'request has more than one Host header')
  // The listener lets a host such as 1.2.3.4.5 pass, and the first `new URL` behind it throws.
  if (!URL.canParse(`http://${headers.host ?? 'localhost'}`)) {
    throw new AppError('invalid_request', 'Host header is not valid')
  }
  // PostgreSQL has no U+0000; a token or an id with one in it would come back as an error of the server.
  if (url.includes('%00')) throw new AppError('invalid_request', 'address contains U+0000')
}

/** Node takes the first one in silence, and a proxy may have routed by the other (RFC 9112, 3.2). */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') count += 1
  }
  return count
}
