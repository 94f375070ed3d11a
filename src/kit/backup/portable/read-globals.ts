import { readDatabaseShape } from '../../postgres/database-shape.ts'
import type { Session } from '../../postgres/session.ts'
import type { Globals, Membership, Role } from './globals-sql.ts'

/**
 * Reads pg_roles, because pg_authid contains passwords and needs a superuser. Skips the bootstrap
 * superuser, which every cluster has.
 */
async function readRoles(session: Session): Promise<Role[]> {
  return session<Role[]>`
    select rolname as name, concat_ws(' ',
        case when rolcanlogin then 'LOGIN' else 'NOLOGIN' end,
        case when rolsuper then 'SUPERUSER' else 'NOSUPERUSER' end,
        case when rolinherit then 'INHERIT' else 'NOINHERIT' end,
        case when rolcreaterole then 'CREATEROLE' else 'NOCREATEROLE' end,
        case when rolcreatedb then 'CREATEDB' else 'NOCREATEDB' end,
        case when rolreplication then 'REPLICATION' else 'NOREPLICATION' end,
        case when rolbypassrls then 'BYPASSRLS' else 'NOBYPASSRLS' end,
        'CONNECTION LIMIT ' || rolconnlimit,
        'VALID UNTIL ' || quote_literal(rolvaliduntil)) as attributes,
      coalesce((select setconfig from pg_db_role_setting where setrole = r.oid and setdatabase = 0), '{}') as settings
    from pg_roles r where oid <> 10 and rolname !~ '^pg_' order by rolname`
}

/**
 * to_jsonb, because PostgreSQL 15 and older lack these options; there every membership is inherited and
 * settable.
 */
async function readMemberships(session: Session): Promise<Membership[]> {
  return session<Membership[]>`
    select distinct on (1, 2) pg_get_userbyid(roleid) as role, pg_get_userbyid(member) as member,
      admin_option as "isAdmin",
      coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true) as "isInherited",
      coalesce((to_jsonb(m) ->> 'set_option')::boolean, true) as "isSettable"
    from pg_auth_members m where member <> 10 order by 1, 2, 3 desc`
}

/** Reads the roles, their memberships, and the grants and settings of one database. Does not read passwords. */
export async function readGlobals(session: Session, database: string): Promise<Globals> {
  return {
    roles: [...(await readRoles(session))],
    memberships: [...(await readMemberships(session))],
    shape: await readDatabaseShape(session, database),
  }
}
