import { listDatabaseNames } from '../portable/database-facts.ts'
import type { Manifest } from '../portable/manifest.ts'
import { restoreNames, type RestoreNames } from './database-names.ts'
import { readDatabaseShape, type DatabaseShape } from '../../postgres/database-shape.ts'
import { dropDatabase } from './drop-database.ts'
import { fillDatabase, type Filled } from './fill-database.ts'
import type { KeptDatabase } from './kept-databases.ts'
import { shapeOfLost } from './lost-database.ts'
import { planRestore, type RestorePlan, type RestoreRequest, type RestoreSettings } from './plan-restore.ts'
import { withRestoreSessions, type RestoreSessions } from './restore-sessions.ts'
import { swapDatabases } from './swap-databases.ts'
import { dropUnlessFilled, sweepHalfMade } from './sweep-half-made.ts'

export interface RestoreOutcome extends Filled {
  manifest: Manifest
  live: string
  /** New name of the former live database; undefined when there was none. */
  previous: string | undefined
  /** Databases that earlier restores set aside, oldest first. */
  kept: KeptDatabase[]
}

export function shapeFor(
  { server, liveName, liveState }: RestoreSessions,
  manifest: Manifest,
): Promise<DatabaseShape> {
  return liveState === 'missing' ? shapeOfLost(server, manifest) : readDatabaseShape(server, liveName)
}

async function fillAndSwap(
  settings: RestoreSettings,
  sessions: RestoreSessions,
  plan: RestorePlan,
  signal: AbortSignal | undefined,
): Promise<{ names: RestoreNames; filled: Filled }> {
  await sweepHalfMade(sessions)
  const names = restoreNames(sessions.liveName, new Date(), await listDatabaseNames(sessions.server))
  const shape = await shapeFor(sessions, plan.manifest)
  return dropUnlessFilled(sessions, names.fresh, async () => {
    const filled = await fillDatabase(settings, sessions.server, plan, { name: names.fresh, shape }, signal)
    await sessions.leaveLive()
    await swapDatabases(sessions, names)
    return { names, filled }
  })
}

/**
 * Restores into a new database, compares it with the manifest, then swaps the names in one transaction.
 * The live database is unchanged until the swap. Throws CommandError.
 */
export async function restoreBackup(
  settings: RestoreSettings,
  request: RestoreRequest & { isOlderDropped: boolean },
  signal?: AbortSignal,
): Promise<RestoreOutcome> {
  const plan = await planRestore(settings, request)
  return withRestoreSessions(settings, 'exclusive', async (sessions) => {
    const { names, filled } = await fillAndSwap(settings, sessions, plan, signal)
    if (request.isOlderDropped) for (const { name } of plan.kept) await dropDatabase(sessions.server, name)
    return {
      ...filled,
      manifest: plan.manifest,
      live: names.live,
      previous: sessions.liveState === 'missing' ? undefined : names.previous,
      kept: request.isOlderDropped ? [] : plan.kept,
    }
  })
}
