import { readGlobals } from '../portable/read-globals.ts'
import type { Session } from '../../postgres/session.ts'

const own = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`
function notOfExtension(catalog: string, oid: string): string {
  return `not exists (select from pg_depend d where d.classid = '${catalog}'::regclass and d.objid = ${oid} and d.deptype = 'e')`
}

/** One SELECT per kind of object: identity, owner, access list. */
const kinds = [
  `select 'schema ' || quote_ident(n.nspname), n.nspowner, n.nspacl, 'n'
   from pg_namespace n where ${own} and ${notOfExtension('pg_namespace', 'n.oid')}`,
  `select 'relation ' || c.oid::regclass, c.relowner, c.relacl, case c.relkind when 'S' then 's' else 'r' end
   from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where ${own} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') and ${notOfExtension('pg_class', 'c.oid')}`,
  `select 'column ' || c.oid::regclass || '.' || quote_ident(a.attname), c.relowner, a.attacl, 'c'
   from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where ${own} and a.attacl is not null and not a.attisdropped and ${notOfExtension('pg_class', 'c.oid')}`,
  `select 'function ' || p.oid::regprocedure, p.proowner, p.proacl, 'f'
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${own} and ${notOfExtension('pg_proc', 'p.oid')}`,
  `select 'type ' || t.oid::regtype, t.typowner, t.typacl, 'T'
   from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where ${own} and t.typtype in ('e', 'd', 'r') and ${notOfExtension('pg_type', 't.oid')}`,
  `select 'large object ' || oid, lomowner, lomacl, 'L' from pg_largeobject_metadata`,
]

/** PostgreSQL 17 adds MAINTAIN; a role with all rights on a table has it from then on. */
const accessQuery = `
  with objects (identity, owner, acl, kind) as (${kinds.join(' union all ')}),
  granted as (
    select identity, e.* from objects, aclexplode(coalesce(acl, case kind when 'c' then null else acldefault(kind::"char", owner) end)) e
    where e.grantee <> owner
    union all
    select 'default privileges of ' || defaclrole::regrole || ' on ' || defaclobjtype::text || ' in '
      || coalesce((select quote_ident(nspname) from pg_namespace where oid = defaclnamespace), 'every schema'), e.*
    from pg_default_acl, aclexplode(defaclacl) e)
  select identity || ' belongs to ' || owner::regrole as line from objects where kind <> 'c'
  union all
  select identity || ' grants ' || privilege_type || ' to ' || case grantee when 0 then 'public' else grantee::regrole::text end
    || case when is_grantable then ' with grant option' else '' end
  from granted where privilege_type <> 'MAINTAIN'
  order by 1`

/** A hash of the stored password hash: equal on both servers, and no report shows the hash itself. */
const passwordQuery = `select 'password of ' || rolname || ' ' || coalesce(md5(rolpassword), 'none') as line from pg_authid
  where oid <> 10 and rolname !~ '^pg_' order by 1`

async function linesOf(session: Session, query: string): Promise<string[]> {
  return (await session.unsafe<{ line: string }[]>(query)).map(({ line }) => line)
}

/**
 * Returns roles, owners and grants as comparable lines. The session is a superuser's, in a transaction
 * with the canonical settings.
 */
export async function readAccessLines(session: Session, database: string): Promise<string[]> {
  const { roles, memberships, shape } = await readGlobals(session, database)
  return [
    ...roles.map((role) => `role ${JSON.stringify(role)}`),
    ...memberships.map((membership) => `membership ${JSON.stringify(membership)}`),
    `database ${JSON.stringify(shape)}`,
    ...(await linesOf(session, passwordQuery)),
    ...(await linesOf(session, accessQuery)),
  ]
}
