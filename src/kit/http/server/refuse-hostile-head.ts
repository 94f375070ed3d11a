import type { IncomingMessage } from 'node:http'
import { AppError } from '../../errors.ts'

/** Far below 1,000, where Node starts to drop headers silently, Cookie and X-Forwarded-For among them. */
const maxHeaders = 100

/** Throws `invalid_request` or `headers_too_large` for a head that no route can handle. */
export function refuseHostileHead({ headers, rawHeaders, url = '' }: IncomingMessage): void {
  // `rawHeaders` lists names and values alternately.
  if (rawHeaders.length > 2 * maxHeaders) {
    throw new AppError('headers_too_large', `request has more than ${maxHeaders} headers`)
  }
  if (countHosts(rawHeaders) > 1)
    throw new AppError('invalid_request', 'request has more than one Host header')
  // Node accepts a host such as 1.2.3.4.5, and the first `new URL` with it throws.
  if (!URL.canParse(`http://${headers.host ?? 'localhost'}`)) {
    throw new AppError('invalid_request', 'Host header is not valid')
  }
  // PostgreSQL has no U+0000: a token or an id that contains it would cause a server error.
  if (url.includes('%00')) throw new AppError('invalid_request', 'address contains U+0000')
}

/** Node silently uses the first Host header, and a proxy may have routed by another (RFC 9112, section 3.2). */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length === 4 && rawHeaders[index]?.toLowerCase() === 'host') count += 1
  }
  return count
}
