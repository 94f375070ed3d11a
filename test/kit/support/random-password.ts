import { randomBytes } from 'node:crypto'

/** Hostile on purpose: whoever forgets to encode or quote a password finds out. */
export function randomPassword(): string {
  return `p'@:/?#%20 "${randomBytes(12).toString('base64url')}`
}
