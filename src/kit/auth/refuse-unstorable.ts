import { APIError, createAuthMiddleware } from 'better-auth/api'
import { isStorableText } from '../db/schema/storable-text.ts'

/** Limits in UTF-16 units. A longer address would not fit into its unique index either. */
const longest: Record<string, number> = { name: 200, email: 254, image: 2048 }
const longestOther = 4096

/**
 * Refuses input that PostgreSQL cannot store. Better Auth checks its form only, and the statement would fail with a
 * 500.
 */
export const refuseUnstorable = createAuthMiddleware(async (ctx) => {
  for (const part of [ctx.body, ctx.query, ctx.params] as unknown[]) {
    for (const [field, value] of Object.entries(part ?? {})) refuse(field, value)
  }
  return Promise.resolve()
})

function refuse(field: string, value: unknown): void {
  // Better Auth's update accepts null, but the column does not.
  if (field === 'name' && value === null) throw invalid('name must be a string')
  if (typeof value !== 'string') return
  if (!isStorableText(value)) throw invalid(`${field} must not contain U+0000 or half of a surrogate pair`)
  const limit = longest[field] ?? longestOther
  if (value.length > limit) throw invalid(`${field} must not be longer than ${limit} characters`)
}

function invalid(message: string): APIError {
  return new APIError('BAD_REQUEST', { code: 'VALIDATION_ERROR', message })
}
