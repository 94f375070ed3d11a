import type { Sql } from 'postgres'

/** Defaults of a database that no statement of ours, and no answer that we parse, may depend on. */
const settings = [
  "client_encoding to 'LATIN1'",
  "DateStyle to 'German, DMY'",
  "IntervalStyle to 'sql_standard'",
  "TimeZone to 'Asia/Kathmandu'",
  'standard_conforming_strings to off',
  'extra_float_digits to -3',
  "bytea_output to 'escape'",
  'search_path to evil, pg_catalog',
  'transform_null_equals to on',
  'quote_all_identifiers to on',
  'row_security to off',
  "client_min_messages to 'debug1'",
  "default_transaction_isolation to 'serializable'",
  'idle_session_timeout to 1',
  'idle_in_transaction_session_timeout to 1',
  'statement_timeout to 1',
  'lock_timeout to 1',
]

/** The schema `evil` shadows what an unqualified name of the catalog would find. */
const shadows = `create schema evil authorization owner; grant usage on schema evil to public;
  create view evil.pg_class as select 1 as oid; create view evil.pg_namespace as select 1 as oid;
  create function evil.count(bigint) returns bigint language sql as 'select -1::bigint'`

export async function setHostileDefaults(superuser: Sql): Promise<void> {
  await superuser.unsafe(shadows)
  const [row] = await superuser<{ name: string }[]>`select quote_ident(current_database()) as name`
  for (const each of settings) await superuser.unsafe(`alter database ${row?.name ?? ''} set ${each}`)
}
