import type { Session } from '../open-session.ts'

export interface HeldLock {
  oid: number
  mode: string
}

export interface Counter {
  oid: number
  /** Quoted and qualified. */
  table: string
  /** Rows read by sequential scans, scans of index builds and of constraint checks among them. */
  scanned: number
  /** Rows inserted, updated and deleted. */
  changed: number
}

export interface StorageFile {
  oid: number
  /** The table itself, or the table of an index. */
  table: number
  node: number
}

/** Locks and row counts of the session's transaction so far, and the file node of each table and index. */
export interface Snapshot {
  locks: HeldLock[]
  counters: Counter[]
  files: StorageFile[]
}

const ownTables = `
  select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'drizzle')`

/** Locks of a backend on tables, as an SQL expression. */
export function locksSql(pid: string): string {
  return `
  (select coalesce(jsonb_agg(distinct jsonb_build_object('oid', l.relation::int8, 'mode', l.mode)), '[]')
   from pg_locks l where l.pid = ${pid} and l.granted and l.locktype = 'relation' and l.relation >= 16384
     and l.database = (select oid from pg_database where datname = current_database()))`
}

const snapshotSql = `
  with own as (${ownTables})
  select ${locksSql('pg_backend_pid()')} as locks,
    (select coalesce(jsonb_agg(jsonb_build_object('oid', s.relid::int8,
       'table', quote_ident(s.schemaname) || '.' || quote_ident(s.relname), 'scanned', s.seq_tup_read,
       'changed', s.n_tup_ins + s.n_tup_upd + s.n_tup_del)), '[]')
     from pg_stat_xact_user_tables s where s.relid in (select oid from own)) as counters,
    (select coalesce(jsonb_agg(jsonb_build_object('oid', c.oid::int8, 'table', coalesce(i.indrelid, c.oid)::int8,
       'node', pg_relation_filenode(c.oid)::int8)), '[]')
     from pg_class c left join pg_index i on i.indexrelid = c.oid
     where coalesce(i.indrelid, c.oid) in (select oid from own) and c.relkind in ('r', 'm', 'i')) as files`

export async function takeSnapshot(session: Session): Promise<Snapshot> {
  const [row] = await session.run<Snapshot & Record<string, unknown>>(snapshotSql)
  return row ?? { locks: [], counters: [], files: [] }
}
