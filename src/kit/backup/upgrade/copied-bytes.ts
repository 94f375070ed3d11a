import type { Session } from '../../postgres/session.ts'

/** A table in progress, from pg_stat_progress_copy. */
export interface CopiedTable {
  relation: number
  /** Size of the whole table on disk. */
  bytes: number
  /** From 0 to 1, estimated by rows. */
  share: number
}

export function readCopied(session: Session): Promise<CopiedTable[]> {
  return session<CopiedTable[]>`
    select relid::int8::float8 as relation, pg_table_size(relid)::float8 as bytes,
      least(1, tuples_processed / greatest(1, reltuples))::float8 as share
    from pg_stat_progress_copy join pg_class on pg_class.oid = relid
    where datname = current_database() and command = 'COPY TO'`.then((rows) => [...rows])
}

/** Returns the size of all tables in a dump, without indexes. */
export async function readTableBytes(session: Session): Promise<number> {
  const [row] = await session<{ bytes: number }[]>`
    select coalesce(sum(pg_table_size(c.oid)), 0)::float8 as bytes from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
  return row?.bytes ?? 0
}

/** Returns a function that adds up repeated observations. A table that is no longer read counts as complete. */
export function createCopiedBytes(): (tables: CopiedTable[]) => number {
  const seen = new Map<number, CopiedTable>()
  return (tables) => {
    for (const [relation, table] of seen) seen.set(relation, { ...table, share: 1 })
    for (const table of tables) seen.set(table.relation, table)
    return [...seen.values()].reduce((sum, { bytes, share }) => sum + bytes * share, 0)
  }
}
