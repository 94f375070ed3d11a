import type { JournalRow } from './make-plan.ts'
import type { MigrationFile } from './read-migrations.ts'
import type { Session } from './open-session.ts'

/** Reads all rows; an absent table is an empty journal. Creates nothing. */
export async function readJournal(session: Session): Promise<JournalRow[]> {
  const [table] = await session.run<{ name: string | null }>(
    `select to_regclass('drizzle.__drizzle_migrations')::text as name`,
  )
  if (!table?.name) return []
  const rows = await session.run<{ hash: string; created_at: string | null }>(
    'select hash, created_at::text from drizzle.__drizzle_migrations order by id',
  )
  return rows.map((row) => ({
    hash: row.hash,
    when: row.created_at === null ? null : Number(row.created_at),
  }))
}

/**
 * The table exactly as Drizzle 0.45 creates it. The schema is looked up first: CREATE SCHEMA IF NOT EXISTS asks for
 * CREATE on the database even where the schema is there.
 */
export async function createJournal(session: Session): Promise<void> {
  const [found] = await session.run<{ schema: string | null; table: string | null }>(
    `select to_regnamespace('drizzle')::text as schema, to_regclass('drizzle.__drizzle_migrations')::text as table`,
  )
  if (!found?.schema) await session.run('create schema if not exists drizzle')
  if (!found?.table) {
    await session.run(`create table if not exists drizzle.__drizzle_migrations (
      id SERIAL PRIMARY KEY,
      hash text NOT NULL,
      created_at bigint
    )`)
  }
}

/** Text, not parameters, so that it shares one round trip with COMMIT; the hash is hex and the time a number. */
export function insertRowSql(file: MigrationFile): string {
  return `insert into drizzle.__drizzle_migrations ("hash", "created_at") values ('${file.hash}', ${file.when})`
}
