import type { Manifest } from '../portable/manifest.ts'
import type { Session } from '../../postgres/session.ts'
import { splitSetting, type DatabaseShape } from '../../postgres/database-shape.ts'

/** Roles with CONNECT on a database that ops/postgres/roles.sql has prepared. */
const connecting = ['app', 'backup', 'monitor']

type Basis = Pick<DatabaseShape, 'owner' | 'encoding' | 'collate' | 'ctype' | 'localeProvider' | 'locale'>

/**
 * Returns the shape for a missing live database: owner and grants as the kit creates them, encoding of the
 * cluster, settings from the manifest.
 */
export async function shapeOfLost(session: Session, { database }: Manifest): Promise<DatabaseShape> {
  const [basis] = await session<Basis[]>`
    select current_user as owner, pg_encoding_to_char(encoding) as encoding, datcollate as collate,
      datctype as ctype, datlocprovider as "localeProvider",
      coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale
    from pg_database d where datname = current_database()`
  if (basis === undefined) throw new Error('pg_database does not list the current database')
  const roles = await session<{ name: string }[]>`
    select rolname as name from pg_roles where rolname = any(${connecting})`
  return {
    ...basis,
    connectionLimit: -1,
    comment: null,
    grants: roles.map(({ name }) => ({ grantee: name, privilege: 'CONNECT', isGrantable: false })),
    settings: (database.settings ?? []).map(splitSetting),
    roleSettings: [],
  }
}
