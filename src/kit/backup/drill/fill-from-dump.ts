import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { databaseArgument } from '../../postgres/database-argument.ts'
import { runProgram, type Programs } from '../../postgres/run-program.ts'
import { withSession } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import type { PortableRequest } from './drill-protocol.ts'
import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { ownServer } from '../../postgres/own-server.ts'

export interface FillSettings {
  server: DisposableServer
  programs: Programs
  request: PortableRequest
  /** Creates the roles when the backup has no globals. Content of ops/postgres/roles.sql. */
  rolesSql: string
  signal: AbortSignal
}

function asSuperuser({ server }: FillSettings): Record<string, string> {
  return {
    PGHOST: server.sockets,
    PGUSER: 'postgres',
  }
}

function makeRoles({ server, programs, request, rolesSql, signal }: FillSettings): Promise<string> {
  return runProgram(
    {
      programs,
      name: 'psql',
      args: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--dbname=postgres', '--file=-'],
      environment: { PGHOST: server.sockets, PGUSER: 'postgres' },
      input: Readable.from([request.globals ?? rolesSql]),
      signal,
    },
    text,
  )
}

function makeDatabase({ server, request }: FillSettings): Promise<void> {
  return withSession(
    {
      settings: ownServer(server.urlFor('postgres', 'postgres'), 'slipway-drill'),
      lockTimeoutMs: 0,
    },
    async (session) => {
      await session.unsafe(
        `CREATE DATABASE ${sqlIdentifier(request.manifest.database.name)} TEMPLATE template0`,
      )
    },
  )
}

function restoreArguments(database: string): string[] {
  return [databaseArgument(database), '--exit-on-error', '--no-password']
}

/**
 * Creates roles and database and restores the dump with its owners and grants, because the API runs with
 * them. Throws CommandError.
 */
export async function fillFromDump(settings: FillSettings, dump: Readable): Promise<void> {
  await makeRoles(settings)
  await makeDatabase(settings)
  await runProgram(
    {
      programs: settings.programs,
      name: 'pg_restore',
      args: restoreArguments(settings.request.manifest.database.name),
      environment: asSuperuser(settings),
      input: dump,
      signal: settings.signal,
    },
    text,
  )
}
