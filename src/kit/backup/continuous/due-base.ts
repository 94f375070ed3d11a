import { isDueByCron, type CronDue } from '../jobs/cron-due.ts'
import type { LiveCluster } from './read-cluster.ts'
import type { BaseBackup } from './read-repository.ts'
import { parseSegment } from './wal-segment.ts'

export interface BaseSituation {
  bases: BaseBackup[]
  cluster: LiveCluster | undefined
  gapSince: Date | undefined
}

export interface BaseSchedules {
  full: CronDue
  incremental: CronDue
}

export type FullReason = 'none yet' | 'gap' | 'another cluster' | 'another timeline' | 'schedule'

function timelineOf({ lastSegment }: BaseBackup): number {
  return parseSegment(lastSegment)?.timeline ?? 1
}

/**
 * Returns the reason for a full base backup now, or undefined. Except for `schedule`, each reason means
 * that some recovery targets are unreachable without one.
 */
export function whyFullIsDue(
  { bases, cluster, gapSince }: BaseSituation,
  { full }: BaseSchedules,
  now: Date,
): FullReason | undefined {
  const newest = bases.at(-1)
  if (newest === undefined) return 'none yet'
  if (cluster !== undefined && newest.systemId !== cluster.systemId) return 'another cluster'
  if (cluster !== undefined && timelineOf(newest) !== cluster.timeline) return 'another timeline'
  if (gapSince !== undefined) return 'gap'
  const fulls = bases.filter(({ type }) => type === 'full').map(({ startedAt }) => startedAt)
  return isDueByCron(full, now, fulls) ? 'schedule' : undefined
}

/** Returns true when an incremental backup is due. A full backup since then counts as well. */
export function isIncrementalDue(
  { bases }: BaseSituation,
  { incremental }: BaseSchedules,
  now: Date,
): boolean {
  return (
    bases.length > 0 &&
    isDueByCron(
      incremental,
      now,
      bases.map(({ startedAt }) => startedAt),
    )
  )
}
