import type { Sql } from 'postgres'
import { readMigrations } from './read-migrations.ts'

export interface RequiredMigration {
  tag: string
  when: number
  hash: string
}

export interface MigrationState {
  /** Rows in Drizzle's journal table. */
  applied: number
  /** Tags that this image carries and the database has not recorded. */
  missing: string[]
  /** The database has rows that this image does not know; an old image works on. */
  ahead: boolean
  /** The tag that a later contract migration demands and this image does not carry. */
  belowFloor?: string
}

/** Lists the migrations that the files of this folder require of a database. */
export function requiredMigrations(folder: string): RequiredMigration[] {
  return readMigrations(folder).map(({ tag, when, hash }) => ({ tag, when, hash }))
}

/** The floor is a comment on Drizzle's table: an old image can read it, and Drizzle and pg_dump keep it. */
function floorOf(comment: string | null): string | undefined {
  return /^slipway:floor (\S+)$/.exec(comment ?? '')?.[1]
}

/**
 * Returns the state for readiness. Read only; any role that may read the journal will do. A file counts as applied by
 * `when` or by hash: an edited file is a matter for the runner, not a reason to take a running image out of service.
 */
export async function migrationState(sql: Sql, required: RequiredMigration[]): Promise<MigrationState> {
  const tags = required.map((each) => each.tag)
  const [table] = await sql<{ journal: string | null; comment: string | null }[]>`
    select to_regclass('drizzle.__drizzle_migrations')::text as journal,
           obj_description(to_regclass('drizzle.__drizzle_migrations'), 'pg_class') as comment`
  if (!table?.journal) return { applied: 0, missing: tags, ahead: false }
  const rows = await sql<{ hash: string; created_at: string | null }[]>`
    select hash, created_at::text from drizzle.__drizzle_migrations`
  const whens = new Set(rows.map((row) => row.created_at))
  const hashes = new Set(rows.map((row) => row.hash))
  const known = new Set(required.flatMap((each) => [each.hash, String(each.when)]))
  const floor = floorOf(table.comment)
  return {
    applied: rows.length,
    missing: required
      .filter((each) => !whens.has(String(each.when)) && !hashes.has(each.hash))
      .map((each) => each.tag),
    ahead: rows.some((row) => !known.has(row.hash) && !known.has(row.created_at ?? '')),
    ...(floor === undefined || tags.includes(floor) ? {} : { belowFloor: floor }),
  }
}
