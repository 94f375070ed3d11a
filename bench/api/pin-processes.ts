import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export interface Pinning {
  /** In front of the command of a server. */
  serverPrefix: string[]
  /** For the head of the report. */
  description: string
}

const serverCore = 0

/**
 * Servers on one core; load and PostgreSQL, which inherits from this process, on all others. Then it is the server that
 * is measured and not the scheduler.
 */
export function pinProcesses(): Pinning {
  const cores = availableParallelism()
  if (cores < 2) return { serverPrefix: [], description: 'one core for everything: nothing is pinned' }
  const others = cores === 2 ? '1' : `1-${cores - 1}`
  const pinned = spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', others, String(process.pid)])
  if (pinned.status !== 0) return { serverPrefix: [], description: 'nothing is pinned: taskset is not there' }
  return {
    serverPrefix: ['taskset', '--cpu-list', String(serverCore)],
    description: `servers pinned to core ${serverCore}, load and embedded PostgreSQL to core ${others}`,
  }
}
