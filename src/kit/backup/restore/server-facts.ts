import type { Session } from '../../postgres/session.ts'
import type { Extensions } from './refuse-restore.ts'

export interface ServerFacts {
  version: string
  /** Connections available to a role without superuser rights. */
  freeConnections: number
  extensions: Extensions
  roles: string[]
}

async function readConnections(session: Session): Promise<Pick<ServerFacts, 'version' | 'freeConnections'>> {
  const [row] = await session<{ version: string; free: number }[]>`
    select split_part(current_setting('server_version'), ' ', 1) as version,
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0)
        - (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as free`
  return { version: row?.version ?? '', freeConnections: row?.free ?? 0 }
}

async function readExtensions(session: Session): Promise<Extensions> {
  const rows = await session<{ name: string; isCreatable: boolean }[]>`
    select name, bool_or(trusted or not superuser or name = 'plpgsql'
      or (select rolsuper from pg_roles where rolname = current_user)) as "isCreatable"
    from pg_available_extension_versions group by name`
  return {
    available: rows.map(({ name }) => name),
    creatable: rows.filter(({ isCreatable }) => isCreatable).map(({ name }) => name),
  }
}

export async function readServerFacts(session: Session): Promise<ServerFacts> {
  return {
    ...(await readConnections(session)),
    extensions: await readExtensions(session),
    roles: (await session<{ name: string }[]>`select rolname as name from pg_roles`).map(({ name }) => name),
  }
}
