import { z } from 'zod'
import { maxPageSize } from './page.ts'

const defaultPageSize = 20

/** What every list takes; a parameter it does not know is a typing error and not to be ignored. */
export const listQuery = z.strictObject({
  limit: z.coerce.number<string>().int().min(1).max(maxPageSize).default(defaultPageSize),
  cursor: z.string().min(1).max(200).optional(),
})
