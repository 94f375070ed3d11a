import type { Session } from '../../postgres/session.ts'
import { listTables } from './list-tables.ts'
import type { Manifest, TableRows } from './manifest.ts'

export interface DatabaseFacts {
  name: string
  owner: string
  bytes: number
  encoding: string
  collate: string
  /** 'name=value', for settings of the database, not of a role in it. */
  settings: string[]
  serverVersion: string
  extensions: Manifest['database']['extensions']
}

function extensionsOf(session: Session): Promise<DatabaseFacts['extensions']> {
  return session<{ name: string; version: string }[]>`
    select extname as name, extversion as version from pg_extension order by extname`.then((rows) =>
    rows.map(({ name, version }) => ({ name, version })),
  )
}

/** Reads name, owner, size, locale, settings and extensions of the current database. */
export async function readDatabaseFacts(session: Session): Promise<DatabaseFacts> {
  const [row] = await session<(Omit<DatabaseFacts, 'bytes' | 'extensions'> & { bytes: string })[]>`
    select datname as name, pg_get_userbyid(datdba) as owner, pg_database_size(d.oid)::text as bytes,
      pg_encoding_to_char(encoding) as encoding, datcollate as collate, coalesce(setconfig, '{}') as settings,
      split_part(current_setting('server_version'), ' ', 1) as "serverVersion"
    from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid and s.setrole = 0
    where datname = current_database()`
  if (row === undefined) throw new Error('pg_database does not list the current database')
  return { ...row, bytes: Number(row.bytes), extensions: await extensionsOf(session) }
}

export type Sequence = NonNullable<Manifest['sequences']>[number]

/** Reads the state of every sequence, sorted by name. Sequences ignore snapshots. */
export async function readSequences(session: Session): Promise<Sequence[]> {
  const names = await session<{ schema: string; name: string; quoted: string }[]>`
    select n.nspname as schema, c.relname as name, format('%I.%I', n.nspname, c.relname) as quoted
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_'
    order by 1, 2`
  const read: Sequence[] = []
  for (const { schema, name, quoted } of names) {
    const [row] = await session.unsafe<Pick<Sequence, 'lastValue' | 'isCalled'>[]>(
      `select last_value::text as "lastValue", is_called as "isCalled" from ${quoted}`,
    )
    if (row !== undefined) read.push({ schema, name, ...row })
  }
  return read
}

/** Counts the rows of every table in a dump. */
export async function countRows(session: Session): Promise<TableRows[]> {
  const counted: TableRows[] = []
  for (const { schema, name, owner, quoted } of await listTables(session)) {
    const [row] = await session.unsafe<{ rows: string }[]>(`select count(*)::text as rows from ${quoted}`)
    counted.push({ schema, name, owner, rows: Number(row?.rows) })
  }
  return counted
}

/** Reads Drizzle's journal, oldest migration first. Returns an empty list for a database without migrations. */
export async function readMigrations(session: Session): Promise<Manifest['migrations']> {
  const [journal] = await session<{ exists: boolean }[]>`
    select to_regclass('drizzle.__drizzle_migrations') is not null as exists`
  if (journal?.exists !== true) return []
  const rows = await session<{ hash: string; createdAt: string }[]>`
    select hash, created_at::text as "createdAt" from drizzle.__drizzle_migrations order by created_at, id`
  return rows.map(({ hash, createdAt }) => ({ hash, createdAt: Number(createdAt) }))
}

/** Lists the names of all databases of the cluster, templates included. */
export async function listDatabaseNames(session: Session): Promise<string[]> {
  return (await session<{ name: string }[]>`select datname as name from pg_database`).map(({ name }) => name)
}
