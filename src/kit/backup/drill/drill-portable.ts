import type { Readable } from 'node:stream'
import { withSession } from '../../postgres/session.ts'
import { compareContent, type Compared } from '../portable/compare-content.ts'
import { refuseDifferences } from './drill-difference.ts'
import type { DrillContext } from './drill-context.ts'
import { fillFromDump } from './fill-from-dump.ts'
import type { Findings, PortableRequest } from './drill-protocol.ts'
import { newestRowAt } from './newest-row.ts'
import { proveUsable } from './prove-usable.ts'
import {
  makeDisposableCluster,
  openDisposableServer,
  type DisposableServer,
} from '../../postgres/disposable-server.ts'
import { ownServer } from '../../postgres/own-server.ts'

function compare(
  server: DisposableServer,
  { manifest }: PortableRequest,
): Promise<Compared & { newestRowAt: string | null }> {
  return withSession(
    {
      settings: ownServer(server.urlFor('postgres', manifest.database.name), 'slipway-drill'),
      lockTimeoutMs: 0,
    },
    async (session) => {
      const compared = await compareContent(session, manifest)
      return { ...compared, newestRowAt: (await newestRowAt(session))?.toISOString() ?? null }
    },
  )
}

async function proveContent(
  context: DrillContext,
  server: DisposableServer,
  request: PortableRequest,
): Promise<Findings> {
  const { differences, ...found } = await context.steps.take('compare', () => compare(server, request))
  refuseDifferences(differences)
  const migrationsApplied = await proveUsable(context, server, request.manifest.database.name)
  return { ...found, migrationsApplied, newestCommitAt: null }
}

/**
 * Restores a dump into an empty server while it arrives, and compares the result with the manifest. Throws
 * CommandError or DrillDifference.
 */
export async function drillPortable(
  context: DrillContext,
  request: PortableRequest,
  dump: Readable,
): Promise<Findings> {
  const { place, programs, rolesSql, steps, signal } = context
  const server = await steps.take('server', async () => {
    await makeDisposableCluster(place)
    return openDisposableServer(place, {}, signal)
  })
  try {
    await steps.take('restore', () => fillFromDump({ server, programs, request, rolesSql, signal }, dump))
    return await proveContent(context, server, request)
  } finally {
    await server.close('immediate')
  }
}
