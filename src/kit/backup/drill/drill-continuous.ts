import { chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { countRows, readDatabaseFacts } from '../portable/database-facts.ts'
import { runProgram } from '../../postgres/run-program.ts'
import { withSession } from '../../postgres/session.ts'
import type { DrillContext } from './drill-context.ts'
import type { DrillPlace } from './drill-place.ts'
import type { ContinuousRequest, Findings } from './drill-protocol.ts'
import { newestRowAt } from './newest-row.ts'
import { proveEnd, proveMoment } from './prove-moment.ts'
import { proveUsable } from './prove-usable.ts'
import { readCluster, untilEnd, untilMoment } from './recovery-parameters.ts'
import { openDisposableServer, type DisposableServer } from '../../postgres/disposable-server.ts'
import type { Parameters } from '../../postgres/start-server.ts'
import { ownServer } from '../../postgres/own-server.ts'

/** Root hands the files to the account of the server. In the container both services run as the same user. */
async function own({ data, account }: DrillPlace): Promise<void> {
  if (account === undefined) return
  for (const name of ['', ...(await readdir(data, { recursive: true }))]) {
    await chown(join(data, name), account.uid, account.gid)
  }
}

/** Waits for the end of the request, which means that the data folder is complete. The body is empty. */
async function receive({ place }: DrillContext, body: Readable): Promise<void> {
  await text(body)
  await own(place)
}

async function toMoment(context: DrillContext, request: ContinuousRequest, rooms: Parameters): Promise<void> {
  const { place, signal } = context
  const server = await openDisposableServer(place, untilMoment(request, rooms), signal)
  try {
    await server.explained(proveMoment(server, request, signal))
  } finally {
    await server.close('clean')
  }
}

/** Reads every row of every table. pg_checksums verifies the pages without rows. */
function readAll(server: DisposableServer, database: string) {
  return withSession(
    {
      settings: ownServer(server.urlFor('postgres', database), 'slipway-drill'),
      lockTimeoutMs: 0,
    },
    async (session) => {
      const { serverVersion } = await readDatabaseFacts(session)
      const tables = await countRows(session)
      const rows = tables.reduce((sum, table) => sum + table.rows, 0)
      const newest = await newestRowAt(session)
      return {
        serverVersion,
        comparedTables: tables.length,
        rows,
        newestRowAt: newest?.toISOString() ?? null,
      }
    },
  )
}

/** Always closes the server: pg_checksums needs a stopped server. */
async function proveLatest(context: DrillContext, request: ContinuousRequest, server: DisposableServer) {
  try {
    const newest = await proveEnd(server, request)
    const read = await context.steps.take('compare', () => readAll(server, request.database))
    const migrationsApplied = await proveUsable(context, server, request.database)
    return {
      ...read,
      migrationsApplied,
      hashedTables: 0,
      notes: [],
      newestCommitAt: newest?.toISOString() ?? null,
    }
  } finally {
    await server.close('clean')
  }
}

/**
 * Recovers to the moment, then to the end of the archive, starts the API, and verifies every page
 * checksum. Throws CommandError or DrillDifference.
 */
export async function drillContinuous(
  context: DrillContext,
  request: ContinuousRequest,
  body: Readable,
): Promise<Findings> {
  const { place, programs, steps, signal } = context
  await steps.take('receive', () => receive(context, body))
  const { rooms, hasChecksums } = await readCluster(place, programs)
  await steps.take('moment', () => toMoment(context, request, rooms))
  const server = await steps.take('replay', () => openDisposableServer(place, untilEnd(rooms), signal))
  const findings = await proveLatest(context, request, server)
  // A cluster made by the kit has checksums; an adopted one may not.
  if (hasChecksums) {
    const args = ['--check', '-D', place.data]
    await steps.take('checksums', () => runProgram({ programs, name: 'pg_checksums', args, signal }, text))
  }
  return findings
}
