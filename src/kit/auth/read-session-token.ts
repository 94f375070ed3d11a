import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Returns the token of Better Auth's cookie value `token.signature`, or undefined when the signature is not valid.
 */
export function readSessionToken(cookieValue: string | undefined, secret: string): string | undefined {
  const dot = cookieValue?.lastIndexOf('.') ?? -1
  if (cookieValue === undefined || dot < 1) return undefined
  const token = cookieValue.slice(0, dot)
  const given = Buffer.from(cookieValue.slice(dot + 1), 'base64')
  const expected = createHmac('sha256', secret).update(token).digest()
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined
}
