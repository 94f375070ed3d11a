import type { MomentPlan } from './plan-moment.ts'
import type { RecoveredCluster } from './recover-cluster.ts'
import { neededBytes } from './restore-to-folder.ts'

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024)} MiB`
}

function targetText({ moment, reachesTo }: MomentPlan): string {
  if (moment.kind === 'time') return `just before ${moment.text}`
  return moment.kind === 'name'
    ? `the restore point ${moment.name}`
    : `the end of the archive, ${reachesTo.toISOString()}`
}

/** Formats the plan of a point-in-time restore for the terminal. */
export function renderMomentPlan(plan: MomentPlan): string {
  const { base, repository, segments, timeline, reachesTo } = plan
  return [
    `restores    ${targetText(plan)}`,
    `from        ${repository.name}: ${base.type} base backup ${base.label}, ${segments.length} segments of WAL, timeline ${timeline}`,
    `which holds ${base.endedAt.toISOString()} to ${reachesTo.toISOString()}`,
    `into        a new volume: PostgreSQL ${base.serverMajor}, ${mebibytes(base.clusterBytes)}; needs up to ${mebibytes(neededBytes(plan))}`,
  ].join('\n')
}

/** Formats the result of a point-in-time restore for the terminal. */
export function renderRecovered({ tables, rows, timeline, lastCommitAt }: RecoveredCluster): string {
  return [
    `recovered   ${tables} tables with ${rows} rows read, every page has the right checksum`,
    `last commit ${lastCommitAt ?? 'in the base backup'}; the server goes on with timeline ${timeline}`,
  ].join('\n')
}
