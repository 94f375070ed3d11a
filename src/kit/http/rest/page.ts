import { z } from 'zod'

export interface PageRequest {
  /** From 1 to `maxPageSize`. */
  limit: number
  /** `nextCursor` of the previous page; absent for the first page. */
  cursor?: string | undefined
}

export interface Page<T> {
  items: T[]
  /** Null on the last page. */
  nextCursor: string | null
}

export const maxPageSize = 100

/** Returns the schema of one page of `item`. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** Builds a page from up to `limit + 1` rows: the extra row, which is removed, shows that another page follows. */
export function toPage<Row, T>(
  rows: Row[],
  limit: number,
  { toItem, toCursor }: { toItem: (row: Row) => T; toCursor: (last: Row) => string },
): Page<T> {
  const kept = rows.slice(0, limit)
  const last = kept.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? toCursor(last) : null
  return { items: kept.map(toItem), nextCursor }
}
