import type { Row } from 'postgres'

/** Excludes the system's objects, Drizzle's journal and the objects of extensions. */
const ownNamespaces = `
  own_namespaces as (
    select oid, nspname from pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'drizzle')),
  from_extensions as (
    select classid, objid from pg_depend where deptype = 'e'),
  own_classes as (
    select c.*, n.nspname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
    from pg_class c join own_namespaces n on n.oid = c.relnamespace
    where (('pg_class'::regclass)::oid, c.oid) not in (select classid, objid from from_extensions))`

/**
 * Leaves out owners and grants, which differ between installations, and the order of columns, which no statement can
 * change.
 */
const parts = [
  `select 'schema ' || quote_ident(nspname) from own_namespaces`,
  `select 'extension ' || quote_ident(extname) from pg_extension where extname <> 'plpgsql'`,
  `select case relkind when 'r' then 'table ' when 'p' then 'partitioned table ' when 'v' then 'view '
       when 'm' then 'materialized view ' when 'S' then 'sequence ' when 'f' then 'foreign table ' end || name
     || case when relrowsecurity then ' row security' else '' end
     || case when relforcerowsecurity then ' forced' else '' end
     || case when relpersistence = 'u' then ' unlogged' else '' end
     || coalesce(' with ' || array_to_string(reloptions, ' '), '')
     || case when relkind in ('v', 'm') then ' as ' || md5(pg_get_viewdef(oid)) else '' end
   from own_classes where relkind in ('r', 'p', 'v', 'm', 'S', 'f') and not relispartition`,
  `select 'column ' || c.name || '.' || quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
     || case when a.attnotnull then ' not null' else '' end
     || case when a.attidentity <> '' then ' identity ' || a.attidentity::text else '' end
     || case when a.attgenerated <> '' then ' generated ' || a.attgenerated::text else '' end
     || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
   from own_classes c join pg_attribute a on a.attrelid = c.oid
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where c.relkind in ('r', 'p', 'f', 'm') and a.attnum > 0 and not a.attisdropped`,
  // PostgreSQL 18 keeps NOT NULL as a constraint too; the column says it already.
  `select 'constraint ' || c.name || ' ' || quote_ident(o.conname) || ' ' || pg_get_constraintdef(o.oid)
   from own_classes c join pg_constraint o on o.conrelid = c.oid where o.contype <> 'n'`,
  `select 'index ' || pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' INVALID' end
   from own_classes c join pg_index i on i.indrelid = c.oid`,
  `select 'type ' || quote_ident(n.nspname) || '.' || quote_ident(t.typname) || ' '
     || coalesce((select string_agg(quote_literal(e.enumlabel), ',' order by e.enumsortorder)
                  from pg_enum e where e.enumtypid = t.oid), format_type(t.typbasetype, t.typtypmod))
   from pg_type t join own_namespaces n on n.oid = t.typnamespace where t.typtype in ('e', 'd')
     and (('pg_type'::regclass)::oid, t.oid) not in (select classid, objid from from_extensions)`,
  `select 'function ' || p.oid::regprocedure || ' ' || md5(pg_get_functiondef(p.oid))
   from pg_proc p join own_namespaces n on n.oid = p.pronamespace where p.prokind in ('f', 'p')
     and (('pg_proc'::regclass)::oid, p.oid) not in (select classid, objid from from_extensions)`,
  `select 'trigger ' || pg_get_triggerdef(t.oid) || case t.tgenabled when 'O' then '' else ' enabled ' || t.tgenabled::text end
   from own_classes c join pg_trigger t on t.tgrelid = c.oid where not t.tgisinternal`,
  `select 'policy ' || c.name || ' ' || quote_ident(p.polname) || ' ' || p.polcmd::text || ' ' || p.polpermissive::text
     || coalesce(' using ' || pg_get_expr(p.polqual, p.polrelid), '')
     || coalesce(' check ' || pg_get_expr(p.polwithcheck, p.polrelid), '')
   from own_classes c join pg_policy p on p.polrelid = c.oid`,
]

/** Needs a search_path that holds none of the own schemas, so that every name comes out qualified. */
export const catalogQuery = `with ${ownNamespaces}
     select line from (${parts.join(' union all ')}) as lines(line) order by line collate "C"`

interface CatalogSession {
  run: <T extends Row>(text: string) => Promise<T[]>
}

/** The schema as sorted lines, the same on PostgreSQL 16, 17 and 18. */
export async function catalogLines(session: CatalogSession): Promise<string[]> {
  // Names are qualified by what search_path does not hold: it must not depend on the role.
  const rows = await session.run<{ line: string }>(
    `begin read only; set local search_path = pg_catalog; ${catalogQuery}`,
  )
  await session.run('commit')
  return rows.map((row) => row.line)
}
