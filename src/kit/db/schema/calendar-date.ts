import { z } from 'zod'

/**
 * A date without a time zone. The years are limited because PostgreSQL refuses the year 0000, which ISO 8601 allows.
 */
export const calendarDate = z.iso.date().refine((value) => value >= '1900-01-01' && value <= '2199-12-31', {
  message: 'must lie between 1900-01-01 and 2199-12-31',
})
