import { APIError, createAuthMiddleware } from 'better-auth/api'
import { isStorableText } from '../db/schema/storable-text.ts'

/** In UTF-16 units. An address longer than this would not fit into its unique index either. */
const longest: Record<string, number> = { name: 200, email: 254, image: 2048 }
const longestOther = 4096

/** Better Auth checks the form of what it is sent, but not whether PostgreSQL can store it: that would end as a 500. */
export const refuseUnstorable = createAuthMiddleware(async (ctx) => {
  for (const part of [ctx.body, ctx.query, ctx.params] as unknown[]) {
    for (const [field, value] of Object.entries(part ?? {})) refuse(field, value)
  }
  return Promise.resolve()
})

function refuse(field: string, value: unknown): void {
  // Its update takes a null, and the column does not.
  if (field === 'name' && value === null) throw invalid('name must be a string')
  if (typeof value !== 'string') return
  if (!isStorableText(value)) throw invalid(`${field} must not contain U+0000 or half of a surrogate pair`)
  const limit = longest[field] ?? longestOther
  if (value.length > limit) throw invalid(`${field} must not be longer than ${limit} characters`)
}

function invalid(message: string): APIError {
  return new APIError('BAD_REQUEST', { code: 'VALIDATION_ERROR', message })
}
