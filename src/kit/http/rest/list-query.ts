import { z } from 'zod'
import { maxPageSize } from './page.ts'

const defaultPageSize = 20

/** Query parameters of every list. Strict: an unknown parameter is a typing error and is refused. */
export const listQuery = z.strictObject({
  limit: z.coerce.number<string>().int().min(1).max(maxPageSize).default(defaultPageSize),
  cursor: z.string().min(1).max(200).optional(),
})
