import { splitSetting, type DatabaseShape } from '../../postgres/database-shape.ts'
import { sqlIdentifier, sqlLiteral } from '../../postgres/sql-identifier.ts'

export interface Role {
  name: string
  /** 'LOGIN NOSUPERUSER ... CONNECTION LIMIT 5', without the password. */
  attributes: string
  settings: string[]
}

export interface Membership {
  role: string
  member: string
  isAdmin: boolean
  isInherited: boolean
  isSettable: boolean
}

export interface Globals {
  roles: Role[]
  memberships: Membership[]
  shape: DatabaseShape
}

/** Settings whose value is a list of quoted names: quoting the list again would make it one name. */
const quotedLists = new Set([
  'search_path',
  'temp_tablespaces',
  'local_preload_libraries',
  'session_preload_libraries',
  'shared_preload_libraries',
  'unix_socket_directories',
])

function setTo(setting: string): string {
  const { name, value } = splitSetting(setting)
  // An empty list must be quoted.
  return `SET ${name} TO ${quotedLists.has(name) && value !== '' ? value : sqlLiteral(value)}`
}

function roleStatements({ name, attributes, settings }: Role): string[] {
  return [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${sqlLiteral(name)}) THEN CREATE ROLE ${sqlIdentifier(name)}; END IF; END $$;`,
    `ALTER ROLE ${sqlIdentifier(name)} WITH ${attributes};`,
    ...settings.map((setting) => `ALTER ROLE ${sqlIdentifier(name)} ${setTo(setting)};`),
  ]
}

function membershipStatement({ role, member, isAdmin, isInherited, isSettable }: Membership): string {
  return `GRANT ${sqlIdentifier(role)} TO ${sqlIdentifier(member)} WITH ADMIN ${isAdmin}, INHERIT ${isInherited}, SET ${isSettable};`
}

/** Applies to the database in which the file is run, whatever its name. */
function onThisDatabase(before: string, after: string): string {
  return `DO $$ BEGIN EXECUTE format(${sqlLiteral(`${before} %I ${after.replaceAll('%', '%%')}`)}, current_database()); END $$;`
}

function databaseStatements({
  owner,
  comment,
  connectionLimit,
  grants,
  settings,
  roleSettings,
}: DatabaseShape): string[] {
  return [
    onThisDatabase('ALTER DATABASE', `OWNER TO ${sqlIdentifier(owner)}`),
    onThisDatabase('ALTER DATABASE', `CONNECTION LIMIT ${connectionLimit}`),
    onThisDatabase('REVOKE ALL ON DATABASE', 'FROM PUBLIC'),
    ...grants.map(({ grantee, privilege, isGrantable }) =>
      onThisDatabase(
        `GRANT ${privilege} ON DATABASE`,
        `TO ${grantee}${isGrantable ? ' WITH GRANT OPTION' : ''}`,
      ),
    ),
    ...settings.map(({ name, value }) => onThisDatabase('ALTER DATABASE', setTo(`${name}=${value}`))),
    ...roleSettings.map(({ role, setting }) =>
      onThisDatabase(`ALTER ROLE ${sqlIdentifier(role)} IN DATABASE`, setTo(setting)),
    ),
    ...(comment === null ? [] : [onThisDatabase('COMMENT ON DATABASE', `IS ${sqlLiteral(comment)}`)]),
  ]
}

/**
 * Renders idempotent SQL that a superuser runs in the new database before the dump is restored. The dump
 * itself contains the default privileges.
 */
export function renderGlobals({ roles, memberships, shape }: Globals): string {
  return [
    '-- What a dump of one database lacks: roles without their passwords, and the grants and settings of the database itself.',
    '-- psql --dbname=new_database --set=ON_ERROR_STOP=1 --file=globals.sql; then set passwords: ALTER ROLE ... PASSWORD',
    ...roles.flatMap(roleStatements),
    ...memberships.map(membershipStatement),
    ...databaseStatements(shape),
    '',
  ].join('\n')
}
