import postgres, { type Sql } from 'postgres'
import { onTestFinished } from 'vitest'
import { runMigrations, type RunResult } from '../../../../../src/kit/migrate/run-migrations.ts'
import type { RunSettings } from '../../../../../src/kit/migrate/run-settings.ts'
import type { MigrateEvent } from '../../../../../src/kit/migrate/event.ts'
import { createTestDatabase, type TestDatabase } from '../../../support/test-database.ts'
import { runLimits } from '../../../support/run-limits.ts'

export interface MigratorDatabase extends TestDatabase {
  /** As migrator, which is owner. */
  sql: Sql
  admin: Sql
}

/** The part of ops/postgres/roles.sql that belongs to the database; roles are shared by all test files and exist. */
function provisionSql(name: string): string {
  return `
  alter database ${name} owner to owner;
  alter schema public owner to owner;
  grant usage on schema public to app, backup;
  create schema drizzle authorization owner;
  grant usage on schema drizzle to app, backup, monitor;
  alter default privileges for role owner in schema drizzle grant select on tables to app, backup, monitor;
  alter default privileges for role owner in schema public grant select, insert, update, delete on tables to app;`
}

/** An empty database that belongs to the migrator, dropped when the test ends. */
export async function openMigratorDatabase(): Promise<MigratorDatabase> {
  const database = await createTestDatabase({ empty: true })
  const admin = postgres(database.urlFor('postgres'), { max: 2, onnotice: () => undefined })
  await admin.unsafe(provisionSql(database.name))
  const sql = postgres(database.urlFor('migrator'), { max: 4, onnotice: () => undefined })
  onTestFinished(async () => {
    await Promise.all([sql.end({ timeout: 1 }), admin.end({ timeout: 1 })])
    await database.close()
  })
  return { ...database, sql, admin }
}

export interface RecordedRun {
  result: RunResult
  events: MigrateEvent[]
}

/** Runs the migrations as migrator and keeps what was reported; a failure carries the events so far. */
export async function migrate(
  database: { urlFor: TestDatabase['urlFor'] },
  folder: string,
  settings: Partial<RunSettings> = {},
): Promise<RecordedRun> {
  const events: MigrateEvent[] = []
  const report = (event: MigrateEvent): void => void events.push(event)
  const result = await runMigrations({
    ...runLimits,
    ...{ url: database.urlFor('migrator'), folder, report },
    ...settings,
  })
  return { result, events }
}

export function journalOf(sql: Sql): Promise<{ hash: string; created_at: string }[]> {
  return sql<{ hash: string; created_at: string }[]>`
    select hash, created_at::text from drizzle.__drizzle_migrations order by id`.then((rows) => [...rows])
}
