import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'

interface TimeColumns {
  table: string
  columns: string[]
}

/** Columns that record when a row was created or changed. Other time columns may be in the future. */
function timeColumns(session: Session): Promise<TimeColumns[]> {
  return session<TimeColumns[]>`
    select format('%I.%I', n.nspname, c.relname) as table, array_agg(a.attname::text) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and a.atttypid = 'timestamptz'::regtype and a.attname ~* '(created|updated|inserted|modified)'
    group by 1`
}

/**
 * Returns the newest creation or change of a row, by the clock of the database; undefined without such a
 * column.
 */
export async function newestRowAt(session: Session): Promise<Date | undefined> {
  let newest: Date | undefined
  for (const { table, columns } of await timeColumns(session)) {
    const greatest = columns.map((column) => `max(${sqlIdentifier(column)})`).join(', ')
    const [row] = await session.unsafe<{ at: Date | null }[]>(
      `select greatest(${greatest}) as at from ${table}`,
    )
    if (row?.at != null && Number.isFinite(row.at.getTime()) && (newest === undefined || row.at > newest))
      newest = row.at
  }
  return newest
}
