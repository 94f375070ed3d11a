import postgres from 'postgres'
import { missingPrivileges, usedTables } from '../db/app-privileges.ts'
import { postgresOptions } from '../db/postgres-options.ts'
import * as schema from '../db/schema/index.ts'
import type { RunSettings } from './run-settings.ts'

/** What the role of the API lacks of what this checkout's code uses; a database without that role is no concern of the kit. */
export const lackingPrivileges = async ({ url, ca }: Pick<RunSettings, 'url' | 'ca'>): Promise<string[]> => {
  const sql = postgres({ ...postgresOptions({ url, ca, applicationName: 'slipway-migrate' }), max: 1 })
  try {
    const roles = await sql`select from pg_catalog.pg_roles where rolname = 'app'`
    return roles.length === 0 ? [] : await missingPrivileges(sql, usedTables(schema), 'app')
  } finally {
    await sql.end({ timeout: 1 })
  }
}

export const lackingSentence = (lacking: string[]): string =>
  `the role of the API lacks ${lacking.join(', ')}: it will not be ready`

export const lackingHint =
  'GRANT it in the next migration, or run make roles; what the code never does goes into src/db/schema/narrowed-tables.ts'
