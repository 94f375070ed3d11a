const own = `
  namespaces as (
    select * from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'drizzle')),
  relations as (
    select c.*, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name
    from pg_class c join namespaces n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')),
  roles as (
    select rolname from pg_roles where rolcanlogin and not rolsuper and rolname !~ '^pg_'),
  sequences as (
    select c.name, s.*, (select quote_ident(n.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(a.attname)
       from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace n on n.oid = t.relnamespace
       join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
       where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')) as owner
    from relations c join pg_sequence s on s.seqrelid = c.oid)`

const columns = `relations c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`

const keyColumns = `
  (select string_agg(pg_get_indexdef(i.indexrelid, k, true), ', ' order by k) from generate_series(1, i.indnkeyatts) k)`

/** A reloption that keeps autovacuum away, in effect or by name. */
const vacuumOff = `
  (o.option_name = 'autovacuum_enabled' and o.option_value in ('false', 'off', 'no', '0', 'f', 'n', 'of', 'fa', 'fal', 'fals'))
  or (o.option_name = 'vacuum_index_cleanup' and o.option_value in ('false', 'off', 'no', '0'))
  or (o.option_name = 'autovacuum_vacuum_scale_factor' and o.option_value::float8 > 1)
  or (o.option_name = 'autovacuum_vacuum_threshold' and o.option_value::float8 > 10000000)`

/** Each gives kind, relation and fact. */
const parts = [
  `select 'relation', name, case when relkind = 'S' then 'sequence' else 'table or view' end from relations`,
  `select 'column', c.name, quote_ident(a.attname) from ${columns} where c.relkind <> 'S'`,
  `select 'default', c.name, quote_ident(a.attname) from ${columns} join pg_type t on t.oid = a.atttypid
   left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where a.attgenerated = '' and c.relkind in ('r', 'p', 'f')
     and coalesce(pg_get_expr(d.adbin, c.oid), t.typdefault, 'NULL') !~* '^\\(*null(::|\\)*$)'`,
  `select 'generated', c.name, quote_ident(a.attname) from ${columns} where a.attgenerated <> ''`,
  `select 'identity', c.name, quote_ident(a.attname) || case a.attidentity when 'a' then ' always' else ' by default' end
   from ${columns} where a.attidentity <> ''`,
  `select 'sequence', name, 'increment ' || seqincrement || case when seqcycle then ' cycle' else '' end from sequences`,
  `select 'sequence', name, 'owned by ' || coalesce(owner, 'no column') from sequences`,
  `select case p.is_primary when true then 'primary key' else 'unique key' end, c.name, '(' || ${keyColumns} || ')'
     || case when i.indnullsnotdistinct then ' nulls not distinct' else '' end
     || case when i.indimmediate then '' else ' deferrable' end || coalesce(' where ' || pg_get_expr(i.indpred, c.oid), '')
   from relations c join pg_index i on i.indrelid = c.oid and i.indisunique and i.indisvalid
   join (values (true), (false)) p (is_primary) on not p.is_primary or i.indisprimary`,
  `select case o.contype when 'f' then 'foreign key' else 'exclusion' end, c.name,
     regexp_replace(pg_get_constraintdef(o.oid), ' NOT VALID$', '')
   from relations c join pg_constraint o on o.conrelid = c.oid and o.contype in ('f', 'x') and o.conparentid = 0`,
  `select 'owner', name, pg_get_userbyid(relowner)::text from relations`,
  `select 'privilege', c.name, p.kind || ' of ' || r.rolname from relations c cross join roles r
   cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE']) p (kind)
   where case when c.relkind = 'S' then p.kind in ('SELECT', 'UPDATE', 'USAGE') and has_sequence_privilege(r.rolname, c.oid, p.kind)
              else p.kind <> 'USAGE' and has_table_privilege(r.rolname, c.oid, p.kind) end`,
  `select 'privilege', c.name, x.privilege_type || ' of column ' || quote_ident(a.attname) || ' of ' || r.rolname
   from ${columns} cross join aclexplode(a.attacl) x join pg_roles r on r.oid = x.grantee`,
  `select 'privilege', '', p.kind || ' of ' || r.rolname || ' in schema ' || n.nspname from namespaces n cross join roles r
   cross join unnest(array['USAGE', 'CREATE']) p (kind) where has_schema_privilege(r.rolname, n.oid, p.kind)`,
  `select 'privilege', '', 'CONNECT of ' || rolname from roles
   where has_database_privilege(rolname, current_database(), 'CONNECT')`,
  `select 'privilege', '', 'EXECUTE of app on ' || p.oid::regprocedure from pg_proc p join namespaces n on n.oid = p.pronamespace
   join roles r on r.rolname = 'app' where has_function_privilege(r.rolname, p.oid, 'EXECUTE')`,
  `select 'default privilege', '', x.privilege_type || ' of ' || coalesce(r.rolname, 'PUBLIC') || ' on new '
     || case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
             when 'T' then 'types' else 'schemas' end || ' of ' || pg_get_userbyid(d.defaclrole)
     || coalesce(' in schema ' || n.nspname, '')
   from pg_default_acl d left join pg_namespace n on n.oid = d.defaclnamespace
   cross join aclexplode(d.defaclacl) x left join pg_roles r on r.oid = x.grantee`,
  `select 'label', '', quote_literal(e.enumlabel) || ' of ' || n.nspname || '.' || t.typname
   from pg_enum e join pg_type t on t.oid = e.enumtypid join namespaces n on n.oid = t.typnamespace`,
  `select 'function', '', p.oid::regprocedure::text from pg_proc p join namespaces n on n.oid = p.pronamespace`,
  `select 'trigger', c.name, quote_ident(t.tgname) from relations c
   join pg_trigger t on t.tgrelid = c.oid and not t.tgisinternal and t.tgparentid = 0 and t.tgenabled in ('O', 'A')`,
  `select 'rule', c.name, quote_ident(w.rulename) from relations c join pg_rewrite w on w.ev_class = c.oid and w.rulename <> '_RETURN'`,
  `select 'row security', c.name, x.fact from relations c
   cross join (values ('enabled'), ('forced')) x (fact)
   where case x.fact when 'enabled' then c.relrowsecurity else c.relforcerowsecurity end`,
  `select 'vacuum', c.name, prefix || o.option_name || ' = ' || o.option_value from relations c
   cross join lateral (select '' as prefix, c.reloptions as options union all
     select 'toast.', t.reloptions from pg_class t where t.oid = c.reltoastrelid) s
   cross join lateral pg_options_to_table(s.options) o where c.relkind in ('r', 'm') and (${vacuumOff})`,
  `select 'shadow', c.name, 'the temporary relation ' || quote_ident(t.relname) from relations c
   join pg_class t on t.relname = c.relname and t.relnamespace = pg_my_temp_schema()`,
  `select 'setting', '', coalesce('role ' || r.rolname || ': ', 'database: ') || s.setting
   from pg_db_role_setting d left join pg_roles r on r.oid = d.setrole cross join unnest(d.setconfig) s (setting)
   where d.setdatabase in (0, (select oid from pg_database where datname = current_database()))`,
]

function sessionSettings(path: string): string {
  return `select 'setting', '', 'session: ' || name || ' = ' || case name when 'search_path' then '${path}' else setting end
   from pg_settings where name in ('search_path', 'role', 'session_replication_role', 'row_security',
     'default_transaction_read_only', 'standard_conforming_strings')`
}

/** One row with all facts; `path` is the search_path of the session, quotes doubled. */
export function catalogFactsSql(path: string): string {
  return `with ${own}
    select (select coalesce(jsonb_agg(distinct jsonb_build_object('kind', kind, 'relation', relation, 'fact', fact)), '[]')
            from (${[...parts, sessionSettings(path)].join(' union all ')}) as facts (kind, relation, fact)) as facts,
      (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'min', seqmin::text, 'max', seqmax::text, 'ascending',
         seqincrement > 0, 'last', case when has_sequence_privilege(seqrelid, 'USAGE,SELECT')
           then pg_sequence_last_value(seqrelid)::text end)), '[]') from sequences) as sequences`
}
