import { randomBytes } from 'node:crypto'

/** Hostile on purpose: whoever forgets to encode or quote a password finds out. */
export const randomPassword = (): string => `p'@:/?#%20 "${randomBytes(12).toString('base64url')}`
