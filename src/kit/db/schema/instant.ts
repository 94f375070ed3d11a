import { timestamp } from 'drizzle-orm/pg-core'

/**
 * A point in time to the millisecond: as much as a JavaScript Date holds, so that a value which went out in a cursor
 * compares equal to the column it came from.
 */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3 })
}
