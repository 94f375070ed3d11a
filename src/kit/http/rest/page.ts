import { z } from 'zod'

export interface PageRequest {
  /** Between 1 and `maxPageSize`. */
  limit: number
  /** The `nextCursor` of the page before; the first page without it. */
  cursor?: string | undefined
}

export interface Page<T> {
  items: T[]
  /** Null on the last page. */
  nextCursor: string | null
}

export const maxPageSize = 100

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}

/** Cuts the one row too many that tells whether another page follows. */
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
