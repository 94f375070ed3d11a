import { restoreNames, type RestoreNames } from './database-names.ts'
import { dropDatabaseFromOutside } from './drop-database.ts'
import { fillFreshDatabase } from './fill-fresh-database.ts'
import type { Manifest } from '../portable/manifest.ts'
import { planRestore, type RestoreRequest, type RestoreSettings } from './plan-restore.ts'
import { swapDatabases } from './swap-databases.ts'

export interface RestoreOutcome {
  manifest: Manifest
  names: RestoreNames
  /** Databases that earlier restores have set aside and that are still there, the oldest first. */
  setAside: string[]
  /** What could not be carried over from the live database, as sentences. */
  leftToDo: string[]
}

/** After a swap that was committed the name is no longer there, so that this can never take the live database. */
const dropHalfMade = async (settings: RestoreSettings, fresh: string, reason: unknown): Promise<void> => {
  try {
    await dropDatabaseFromOutside(settings.database, fresh, settings.lockTimeoutMs)
  } catch {
    // With the server gone the reason matters more; the next restore sweeps what is left.
    throw reason
  }
}

/**
 * Restores into a new database, compares it with the manifest and only then swaps the names. Until the swap nothing
 * happens to the live database, and the swap happens whole or not at all.
 */
export const restoreBackup = async (
  settings: RestoreSettings,
  request: RestoreRequest,
  signal?: AbortSignal,
): Promise<RestoreOutcome> => {
  const plan = await planRestore(settings, request)
  const names = restoreNames(plan.live.name, new Date())
  try {
    const leftToDo = await fillFreshDatabase(settings, plan, names.fresh, signal)
    await swapDatabases(settings.database, names, settings.lockTimeoutMs)
    return { manifest: plan.manifest, names, setAside: plan.setAside, leftToDo }
  } catch (err) {
    await dropHalfMade(settings, names.fresh, err)
    throw err
  }
}
