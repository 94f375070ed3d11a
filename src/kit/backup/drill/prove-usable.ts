import { runMigrations } from '../../migrate/run-migrations.ts'
import { withSession } from '../../postgres/session.ts'
import { refuseDifferences } from './drill-difference.ts'
import type { DrillContext } from './drill-context.ts'
import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { tryApi } from './try-api.ts'
import { tryAsApp } from './try-as-app.ts'
import { ownServer } from '../../postgres/own-server.ts'

/**
 * Does the last steps of a restore: statistics, migrations of this release, start of the API. Returns the
 * number of migrations applied.
 */
export async function proveUsable(
  { steps, api, place, migration, signal }: DrillContext,
  server: DisposableServer,
  database: string,
): Promise<number> {
  const settings = ownServer(server.urlFor('postgres', database), 'slipway-drill')
  await steps.take('analyze', () =>
    withSession({ settings, lockTimeoutMs: 0 }, (session) => session`analyze`.then(() => undefined)),
  )
  const { applied } = await steps.take('migrate', () =>
    runMigrations({
      ...migration,
      url: server.urlFor('migrator', database),
      folder: `${api.folder}/migrations`,
      signal,
    }),
  )
  await steps.take('api', async () => {
    refuseDifferences(await tryAsApp(server, database))
    await tryApi(api, place, server, database, signal)
  })
  return applied.length
}
