// drizzle-kit and the check of privileges take the tables of the application from here.
import type { NarrowedTables } from '#kit/app-privileges'

export * from './travel/schema.ts'

/** For example { audit_events: ['SELECT', 'INSERT'] }: the API never changes or deletes these rows. */
export const narrowedTables: NarrowedTables = {}
