import type { Session } from '../../postgres/session.ts'

export interface TableName {
  schema: string
  name: string
  owner: string
  quoted: string
  bytes: number
  /** SQL expression of the primary key as text; null without a primary key. */
  key: string | null
  /** SQL list of the columns to hash: native when equal values look equal, otherwise as text. */
  columns: string
}

/**
 * Types whose equal values look equal (in jsonb except for the scale of a number) and hash equally on
 * every server.
 */
const plainTypes = [
  'bool',
  'int2',
  'int4',
  'int8',
  'uuid',
  'date',
  'timestamp',
  'timestamptz',
  'bytea',
  'jsonb',
]

/**
 * Lists the tables whose rows pg_dump writes: ordinary tables and partitions, without those of an
 * extension.
 */
export async function listTables(session: Session): Promise<TableName[]> {
  const rows = await session<(Omit<TableName, 'bytes'> & { bytes: string })[]>`
    select n.nspname as schema, c.relname as name, pg_get_userbyid(c.relowner) as owner,
      format('%I.%I', n.nspname, c.relname) as quoted, pg_table_size(c.oid)::text as bytes,
      (select 'row(' || string_agg(format('slipway_row.%I', a.attname), ',' order by k.n) || ')::text'
        from pg_index i, unnest(i.indkey::int2[]) with ordinality k(attnum, n), pg_attribute a
        where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum) as key,
      (select coalesce(string_agg(case
          when a.atttypid = any(${plainTypes}::text[]::regtype[]) then format('slipway_row.%I', a.attname)
          when a.atttypid in ('text'::regtype, 'varchar'::regtype) then format('slipway_row.%I collate "C"', a.attname)
          else format('slipway_row.%I::text collate "C"', a.attname) end, ',' order by a.attnum), '')
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't'
      and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by 1, 2`
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }))
}
