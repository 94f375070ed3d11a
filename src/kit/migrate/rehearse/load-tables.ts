import type { Session } from '../open-session.ts'

export interface Column {
  name: string
  /** As format_type prints it, for casts. */
  type: string
  /** Name of the base type, that under a domain too. */
  base: string
  /** Limit of varchar(n) and char(n), or digits before the point of numeric(p, s). */
  limit: number | null
  isNullable: boolean
  isGenerated: boolean
  isKey: boolean
  enumLabels: string[] | null
  isAlwaysIdentity: boolean
  /** By itself or by its domain; the identity of a column is one too. */
  hasDefault: boolean
}

export interface TableCheck {
  name: string
  columns: string[]
  definition: string
}

export interface Table {
  oid: number
  /** Quoted and qualified. */
  name: string
  columns: Column[]
  primaryKey: string[]
  /** Conflict targets of ON CONFLICT, one per unique index. */
  uniqueKeys: string[]
  checks: TableCheck[]
  /** Names of the tables that foreign keys point to, without itself. */
  parents: string[]
  rows: number
}

const columnsSql = `
  select coalesce(jsonb_agg(jsonb_build_object(
    'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', b.typname,
    'limit', case when b.typname in ('varchar', 'bpchar') then nullif(greatest(a.atttypmod, t.typtypmod), -1) - 4
                  when b.typname = 'numeric' then ((nullif(greatest(a.atttypmod, t.typtypmod), -1) - 4) >> 16)
                       - ((nullif(greatest(a.atttypmod, t.typtypmod), -1) - 4) & 2047) end,
    'isNullable', not a.attnotnull and not t.typnotnull, 'isGenerated', a.attgenerated <> '',
    'isKey', exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey))
          or exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and a.attnum = any (f.conkey)),
    'enumLabels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = b.oid),
    'isAlwaysIdentity', a.attidentity = 'a', 'hasDefault', a.atthasdef or a.attidentity <> '' or t.typdefault is not null)
    order by a.attnum), '[]')
  from pg_attribute a
  join pg_type t on t.oid = a.atttypid
  join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`

function namesOf(columns: string): string {
  return `(select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum = any (${columns}))`
}

const tablesSql = `
  select c.oid::int as oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
    (${columnsSql}) as columns,
    coalesce((select ${namesOf('i.indkey')} from pg_index i where i.indrelid = c.oid and i.indisprimary), '[]') as "primaryKey",
    (select coalesce(jsonb_agg('(' || (select string_agg(case when i.indkey[k - 1] = 0
           then '(' || pg_get_indexdef(i.indexrelid, k, true) || ')' else pg_get_indexdef(i.indexrelid, k, true) end, ', ' order by k)
         from generate_series(1, i.indnkeyatts) k) || ')' || coalesce(' where ' || pg_get_expr(i.indpred, c.oid), '')), '[]')
     from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indimmediate) as "uniqueKeys",
    (select coalesce(jsonb_agg(jsonb_build_object('name', k.conname, 'columns', ${namesOf('k.conkey')},
       'definition', pg_get_constraintdef(k.oid))), '[]')
     from pg_constraint k where k.conrelid = c.oid and k.contype = 'c') as checks,
    (select coalesce(jsonb_agg(distinct quote_ident(pn.nspname) || '.' || quote_ident(p.relname)), '[]')
     from pg_constraint f join pg_class p on p.oid = f.confrelid join pg_namespace pn on pn.oid = p.relnamespace
     where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as parents
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'drizzle')
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 2`

/** Every table of ours with what a generator of rows and traffic must know. */
export async function loadTables(session: Session): Promise<Table[]> {
  const tables = await session.run<Table & Record<string, unknown>>(tablesSql)
  const counted: Table[] = []
  for (const table of tables) {
    const [row] = await session.run<{ rows: number }>(`select count(*)::int as rows from ${table.name}`)
    counted.push({ ...table, rows: row?.rows ?? 0 })
  }
  return counted
}
