import { z } from 'zod'

/**
 * Returns true when PostgreSQL can store the string. It refuses U+0000 (22021, 22P05); a lone surrogate would become
 * U+FFFD in text and be refused in jsonb.
 */
export function isStorableText(value: string): boolean {
  return !value.includes('\u0000') && value.isWellFormed()
}

const storable = { message: 'must not contain U+0000 or half of a surrogate pair' }

/**
 * Schema of one line or paragraph: trimmed, at least one character. `maxLength` is in UTF-16 units, which is never
 * below SQL's char_length.
 */
export function storableText(maxLength: number) {
  return z.string().trim().min(1).max(maxLength).refine(isStorableText, storable)
}

/** Like `storableText` without trimming: leading blanks and line breaks belong to the text. */
export function storableProse(maxLength: number) {
  return z.string().min(1).max(maxLength).refine(isStorableText, storable)
}
