import { z } from 'zod'

/**
 * PostgreSQL stores neither U+0000 (22021, 22P05) nor a lone surrogate (which would silently become U+FFFD in text
 * and be refused in jsonb), so such a string has to be turned away before it reaches a statement.
 */
export function isStorableText(value: string): boolean {
  return !value.includes('\u0000') && value.isWellFormed()
}

const storable = { message: 'must not contain U+0000 or half of a surrogate pair' }

/** One line or paragraph, trimmed, at least one character; `maxLength` in UTF-16 units, never below SQL's char_length. */
export function storableText(maxLength: number) {
  return z.string().trim().min(1).max(maxLength).refine(isStorableText, storable)
}

/** Like `storableText`, but kept to the letter: leading blanks and line breaks are part of what somebody wrote. */
export function storableProse(maxLength: number) {
  return z.string().min(1).max(maxLength).refine(isStorableText, storable)
}
