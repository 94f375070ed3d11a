import { createHash } from 'node:crypto'
import { DetailedError } from './detailed-error.ts'

const visibleAscii = /^[\x21-\x7e]{1,255}$/

/** Returns the idempotency key with a hash of the input, by which a repeated request is recognised. */
export function idempotencyOf(key: string | undefined, input: unknown) {
  if (key === undefined) return undefined
  if (!visibleAscii.test(key)) throw badKey()
  // Hashes the validated input, so that white space and the order of keys make no difference.
  return { key, requestHash: createHash('sha256').update(JSON.stringify(input)).digest('hex') }
}

function badKey(): DetailedError {
  const errors = [{ path: 'header.idempotency-key', message: 'must be 1 to 255 visible ASCII characters' }]
  return new DetailedError('invalid_request', 'request header is not valid', { errors })
}
