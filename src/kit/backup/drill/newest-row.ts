import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'

interface TimeColumns {
  table: string
  columns: string[]
}

/** Columns that say when a row was made or changed; others may lie in the future, such as the day of a journey. */
const timeColumns = (session: Session): Promise<TimeColumns[]> =>
  session<TimeColumns[]>`
    select format('%I.%I', n.nspname, c.relname) as table, array_agg(a.attname::text) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind = 'r' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and a.atttypid = 'timestamptz'::regtype and a.attname ~* '(created|updated|inserted|modified)'
    group by 1`

/** When the newest row was written, by the clock of the database; undefined when no column tells. */
export const newestRowAt = async (session: Session): Promise<Date | undefined> => {
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
