import { timestamp } from 'drizzle-orm/pg-core'

/**
 * Declares a timestamptz column with milliseconds, the precision of a JavaScript Date, so that a value from a cursor
 * equals the column it came from.
 */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3 })
}
