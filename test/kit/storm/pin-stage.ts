import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

export interface StagePinning {
  /** For `taskset --cpu-list`. */
  floodCores: string
  description: string
}

/** What is measured on the first core, with everything that this process starts; the generator on the last. */
export function pinStage(): StagePinning {
  const cores = availableParallelism()
  if (cores < 2) return { floodCores: '0', description: 'one core for everything' }
  const pinned = spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', '0', String(process.pid)])
  if (pinned.status !== 0) throw new Error('taskset could not pin this process; it is part of util-linux')
  return {
    floodCores: String(cores - 1),
    description: `API, PostgreSQL and probes on core 0, the load generator on core ${cores - 1}`,
  }
}
