import { CommandError } from '../../errors.ts'
import { chooseRepository } from './choose-repository.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { fetchWal } from './fetch-wal.ts'
import type { Moment } from './moment.ts'
import { planMoment, type MomentPlan } from './plan-moment.ts'
import { recoverCluster, type RecoveredCluster } from './recover-cluster.ts'
import { refuseOtherServer } from './refuse-other-server.ts'
import { refuseSmallVolume } from './refuse-small-volume.ts'
import { neededBytes, restorePlan, type Filling } from './restore-to-folder.ts'

export interface MomentRequest extends Filling {
  moment: Moment
  /** Overrides the nearest repository. */
  repository?: RepositoryName | undefined
}

/**
 * Checks the preconditions of a restore: reachable target, right key, same version, enough space. Needs no
 * database.
 */
export async function prepareMoment(
  settings: ContinuousSettings,
  { moment, folder, repository }: MomentRequest,
): Promise<MomentPlan> {
  const plan = await planMoment(settings, await chooseRepository(settings, repository), moment)
  await refuseOtherServer(settings, plan.base)
  await refuseSmallVolume(folder, neededBytes(plan))
  return plan
}

function isMissed(err: unknown): boolean {
  return err instanceof CommandError && err.exit === 'not_found'
}

/**
 * Restores into the folder and recovers there. The folder is complete on return and unusable after a
 * CommandError.
 */
export async function restoreMoment(
  settings: ContinuousSettings,
  request: MomentRequest,
): Promise<{ plan: MomentPlan; cluster: RecoveredCluster }> {
  const { folder, signal } = request
  const { database, serverPrograms, searchPath } = settings
  const plan = await prepareMoment(settings, request)
  const restored = await restorePlan(settings, plan, request)
  const where = {
    ...{ folder, signal },
    programs: { folder: serverPrograms, searchPath },
    database: decodeURIComponent(new URL(database.url).pathname.slice(1)),
  }
  try {
    return { plan, cluster: await recoverCluster(restored, where) }
  } catch (err) {
    // A long time without commits: the commit after the target may be in segments not fetched yet.
    if (!isMissed(err) || restored.lastSegment === plan.segments.at(-1)) throw err
    await fetchWal(settings, plan, folder, { isAll: true, signal })
    return { plan, cluster: await recoverCluster(restored, where) }
  }
}
