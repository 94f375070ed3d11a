import postgres from 'postgres'
import { missingPrivileges, type UsedTable } from '../db/app-privileges.ts'
import { postgresOptions } from '../postgres/postgres-options.ts'
import type { RunLimits, RunSettings } from './run-settings.ts'
import { databaseSettings } from './open-session.ts'
import { sessionSettings } from './with-session.ts'

/** Returns the privileges on `used` that the API's role lacks; none in a database without that role. */
export async function lackingPrivileges(
  settings: RunLimits & Pick<RunSettings, 'url' | 'ca'>,
  used: UsedTable[],
): Promise<string[]> {
  const sql = postgres(postgresOptions(databaseSettings(sessionSettings(settings))))
  try {
    const roles = await sql`select from pg_catalog.pg_roles where rolname = 'app'`
    return roles.length === 0 ? [] : await missingPrivileges(sql, used, 'app')
  } finally {
    await sql.end({ timeout: 1 })
  }
}

export function lackingSentence(lacking: string[]): string {
  return `the role of the API lacks ${lacking.join(', ')}: it will not be ready`
}

export const lackingHint =
  'GRANT it in the next migration, or run make roles; what the code never does goes into narrowedTables in src/app/schema.ts'
