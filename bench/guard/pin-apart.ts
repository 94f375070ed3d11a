import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

function pin(pid: number, cores: string): boolean {
  return spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)]).status === 0
}

/** This process on the first core and `pid`, with whatever it starts from now on, on all others; says what came of it. */
export function pinApart(pid: number): string {
  const cores = availableParallelism()
  if (cores < 2) return 'one core for everything: nothing is pinned'
  const others = cores === 2 ? '1' : `1-${cores - 1}`
  if (!pin(pid, others) || !pin(process.pid, '0')) return 'nothing is pinned: taskset is not there'
  return `the driver pinned to core 0, PostgreSQL to core ${others}`
}
