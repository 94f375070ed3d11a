import type { Session } from '../../postgres/session.ts'

/** A table that is being read, by what the server says of the COPY. */
export interface CopiedTable {
  relation: number
  /** Of the whole table, on the disk. */
  bytes: number
  /** From 0 to 1, by its rows; there is no other way to know. */
  share: number
}

export function readCopied(session: Session): Promise<CopiedTable[]> {
  return session<CopiedTable[]>`
    select relid::int8::float8 as relation, pg_table_size(relid)::float8 as bytes,
      least(1, tuples_processed / greatest(1, reltuples))::float8 as share
    from pg_stat_progress_copy join pg_class on pg_class.oid = relid
    where datname = current_database() and command = 'COPY TO'`.then((rows) => [...rows])
}

/** Of all that a dump reads; indexes are not. */
export async function readTableBytes(session: Session): Promise<number> {
  const [row] = await session<{ bytes: number }[]>`
    select coalesce(sum(pg_table_size(c.oid)), 0)::float8 as bytes from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
  return row?.bytes ?? 0
}

/** Adds up what is seen at each look: a table that is not read any more was read to its end. */
export function createCopiedBytes(): (tables: CopiedTable[]) => number {
  const seen = new Map<number, CopiedTable>()
  return (tables) => {
    for (const [relation, table] of seen) seen.set(relation, { ...table, share: 1 })
    for (const table of tables) seen.set(table.relation, table)
    return [...seen.values()].reduce((sum, { bytes, share }) => sum + bytes * share, 0)
  }
}
