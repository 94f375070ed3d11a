import type { Session } from '../open-session.ts'
import type { Backfill } from './parse-backfill.ts'

/** Progress of a backfill. */
export interface BackfillState {
  hash: string
  /** Key of the last row that a batch has passed, as text; null before the first. */
  lastKey: string[] | null
  passed: number
  changed: number
  isFinished: boolean
}

export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** Beside Drizzle's journal, not in it; the schema drizzle is no part of what drift compares. */
const table = 'drizzle.backfills'

/** The default privileges of ops/postgres/roles.sql let the API write every new table. */
const withoutWritesOfApp = `do $$ begin
  if exists (select from pg_roles where rolname = 'app') then revoke insert, update, delete on ${table} from app; end if;
end $$`

/** Looked up first: a role without CREATE on the schema can still read. */
export async function createStateTable(session: Session): Promise<void> {
  const [row] = await session.run<{ found: string | null }>(
    `select to_regclass(${literal(table)})::text as found`,
  )
  if (row?.found != null) return
  await session.run(`create table if not exists ${table} (
    name text primary key, hash text not null, last_key text[], passed bigint not null default 0,
    changed bigint not null default 0, started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(), finished_at timestamptz)`)
  await session.run(withoutWritesOfApp)
}

interface StateRow extends Record<string, unknown> {
  hash: string
  last_key: string[] | null
  passed: number
  changed: number
  is_finished: boolean
}

/** `lock` keeps the row until the end of the transaction, so that no two runs can pass the same rows. */
export async function readState(
  session: Session,
  name: string,
  { lock = false } = {},
): Promise<BackfillState | undefined> {
  const [row] = await session.run<StateRow>(
    `select hash, to_jsonb(last_key) as last_key, passed::float8 as passed, changed::float8 as changed,
       finished_at is not null as is_finished
     from ${table} where name = ${literal(name)}${lock ? ' for update' : ''}`,
  )
  if (row === undefined) return undefined
  const { hash, last_key: lastKey, passed, changed, is_finished: isFinished } = row
  return { hash, lastKey, passed, changed, isFinished }
}

/** Starts from the first row, whatever was there before. */
export async function beginState(session: Session, { name, hash }: Backfill): Promise<void> {
  await session.run(
    `insert into ${table} (name, hash) values (${literal(name)}, ${literal(hash)})
     on conflict (name) do update set hash = excluded.hash, last_key = null, passed = 0, changed = 0,
       started_at = now(), updated_at = now(), finished_at = null`,
  )
}

export async function saveState(
  session: Session,
  name: string,
  batch: { lastKey: string[] | null; passed: number; changed: number; isFinished: boolean },
): Promise<void> {
  const key = batch.lastKey === null ? 'last_key' : `array[${batch.lastKey.map(literal).join(', ')}]::text[]`
  await session.run(
    `update ${table} set last_key = ${key}, passed = passed + ${batch.passed}, changed = changed + ${batch.changed},
       updated_at = now(), finished_at = ${batch.isFinished ? 'now()' : 'null'}
     where name = ${literal(name)}`,
  )
}
