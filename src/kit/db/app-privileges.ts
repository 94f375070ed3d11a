import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import type { Sql } from 'postgres'

export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

/**
 * Tables on which a migration grants the API's role fewer than all four privileges, keyed by 'table' or
 * 'schema.table'. The API is not ready while it lacks a privilege that its code may use.
 */
export type NarrowedTables = Readonly<Record<string, readonly Privilege[]>>

export interface UsedTable {
  /** null: looked up in the search_path. */
  schema: string | null
  name: string
  columns: string[]
  privileges: readonly Privilege[]
}

const all: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

/**
 * Lists the tables of a Drizzle schema with the privileges that the code needs on each: all four, unless `narrowed`
 * lists fewer.
 */
export function usedTables(
  schema: Readonly<Record<string, unknown>>,
  narrowed: NarrowedTables = {},
): UsedTable[] {
  return Object.values(schema)
    .filter((each): each is PgTable => is(each, PgTable))
    .map((table) => {
      const { schema: inSchema, name, columns } = getTableConfig(table)
      const key = inSchema === undefined ? name : `${inSchema}.${name}`
      return {
        schema: inSchema ?? null,
        name,
        columns: columns.map((column) => column.name),
        privileges: narrowed[key] ?? all,
      }
    })
}

// Uses the catalog, because to_regclass fails on a schema that the role may not use.
const findMissing = `
  with used as (
    select u.name, u.columns, u.privileges, n.oid as namespace, n.nspname, c.oid, c.relowner, c.relrowsecurity
    from pg_catalog.jsonb_to_recordset($1::text::jsonb) as u(schema text, name text, columns text[], privileges text[])
    join pg_catalog.pg_namespace n on n.nspname = coalesce(u.schema, current_schema(), 'public')
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = u.name and c.relkind in ('r', 'p', 'f')
  ), missing as (
    select 'USAGE on schema ' || quote_ident(nspname) as what from used
    where not has_schema_privilege($2, namespace, 'usage')
    union
    select format('%s on table %I.%I', privilege, nspname, name) from used, unnest(privileges) privilege
    where not has_table_privilege($2, oid, privilege) and (privilege = 'DELETE' or exists (
      select from pg_catalog.pg_attribute a where a.attrelid = used.oid and a.attname = any (used.columns)
        and not has_column_privilege($2, used.oid, a.attnum, privilege)))
    union
    select format('USAGE on sequence %I.%I', sn.nspname, s.relname) from used
    join pg_catalog.pg_attrdef f on f.adrelid = used.oid
    join pg_catalog.pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = f.oid and d.refclassid = 'pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = d.refobjid
    join pg_catalog.pg_namespace sn on sn.oid = s.relnamespace
    where 'INSERT' = any (privileges) and case when s.relkind = 'S' then not has_sequence_privilege($2, s.oid, 'usage, update') else false end
    union
    select format('a policy on table %I.%I, whose row security hides every row', nspname, name) from used
    where relrowsecurity and not pg_has_role($2, relowner, 'usage')
      and not (select rolbypassrls or rolsuper from pg_catalog.pg_roles where rolname = $2)
      and not exists (select from pg_catalog.pg_policy p, unnest(p.polroles) r
        where p.polrelid = used.oid and (r = 0 or pg_has_role($2, r, 'usage')))
  )
  select what from missing order by what`

/**
 * Returns the privileges that `role` (by default the session's) lacks on the tables, as texts such as 'INSERT on
 * table shop.orders'.
 */
export async function missingPrivileges(sql: Sql, tables: UsedTable[], role?: string): Promise<string[]> {
  const name = role ?? (await sql<{ name: string }[]>`select current_user::text as name`)[0]?.name ?? ''
  const rows = await sql.unsafe<{ what: string }[]>(findMissing, [JSON.stringify(tables), name])
  return rows.map(({ what }) => what)
}
