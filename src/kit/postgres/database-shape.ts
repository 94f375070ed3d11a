import type { Session } from './session.ts'
import { sqlIdentifier, sqlLiteral } from './sql-identifier.ts'

/** Properties of a database that the dump of one database leaves out. */
export interface DatabaseShape {
  owner: string
  encoding: string
  collate: string
  ctype: string
  /** c: libc, i: ICU, b: built in. */
  localeProvider: string
  locale: string | null
  connectionLimit: number
  comment: string | null
  grants: { grantee: string; privilege: string; isGrantable: boolean }[]
  settings: { name: string; value: string }[]
  /** Settings of one role in this database; only a superuser can set them again. */
  roleSettings: { role: string; setting: string }[]
}

type Facts = Omit<DatabaseShape, 'grants' | 'settings' | 'roleSettings'>

// to_jsonb, because the name of the locale column differs between majors.
async function readFacts(session: Session, database: string): Promise<Facts> {
  const [row] = await session<Facts[]>`
    select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, datcollate as collate,
      datctype as ctype, datlocprovider as "localeProvider", datconnlimit as "connectionLimit",
      coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale,
      shobj_description(oid, 'pg_database') as comment
    from pg_database d where datname = ${database}`
  if (row === undefined) throw new Error('pg_database does not list the database')
  return row
}

function readGrants(session: Session, database: string): Promise<DatabaseShape['grants']> {
  return session<DatabaseShape['grants']>`
    select case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as grantee,
      privilege_type as privilege, is_grantable as "isGrantable"
    from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
    where datname = ${database} and grantee <> datdba order by 1, 2`
}

interface SettingRow {
  role: string | null
  setting: string
}

function readSettings(session: Session, database: string): Promise<SettingRow[]> {
  return session<SettingRow[]>`
    select rolname as role, unnest(setconfig) as setting
    from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = s.setrole
    where datname = ${database} order by 1, 2`
}

export function splitSetting(setting: string): { name: string; value: string } {
  const at = setting.indexOf('=')
  return { name: setting.slice(0, at), value: setting.slice(at + 1) }
}

/** Reads the properties from the shared catalogs, so that it works for a database that refuses connections. */
export async function readDatabaseShape(session: Session, database: string): Promise<DatabaseShape> {
  const rows = await readSettings(session, database)
  return {
    ...(await readFacts(session, database)),
    grants: [...(await readGrants(session, database))],
    settings: rows.filter(({ role }) => role === null).map(({ setting }) => splitSetting(setting)),
    roleSettings: rows.flatMap(({ role, setting }) => (role === null ? [] : [{ role, setting }])),
  }
}

function providerClause({ localeProvider, locale }: DatabaseShape): string {
  if (locale === null || localeProvider === 'c') return ''
  return localeProvider === 'i'
    ? ` LOCALE_PROVIDER icu ICU_LOCALE ${sqlLiteral(locale)}`
    : ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${sqlLiteral(locale)}`
}

/** Uses template0, the only template that allows another encoding or locale than the cluster's. */
export function createDatabaseStatement(name: string, shape: DatabaseShape): string {
  return (
    `CREATE DATABASE ${sqlIdentifier(name)} OWNER ${sqlIdentifier(shape.owner)} TEMPLATE template0` +
    ` ENCODING ${sqlLiteral(shape.encoding)} LC_COLLATE ${sqlLiteral(shape.collate)} LC_CTYPE ${sqlLiteral(shape.ctype)}` +
    `${providerClause(shape)} CONNECTION LIMIT ${shape.connectionLimit}`
  )
}

export function grantStatements(name: string, { grants }: DatabaseShape): string[] {
  return [
    `REVOKE ALL ON DATABASE ${sqlIdentifier(name)} FROM PUBLIC`,
    ...grants.map(
      ({ grantee, privilege, isGrantable }) =>
        `GRANT ${privilege} ON DATABASE ${sqlIdentifier(name)} TO ${grantee}${isGrantable ? ' WITH GRANT OPTION' : ''}`,
    ),
  ]
}
