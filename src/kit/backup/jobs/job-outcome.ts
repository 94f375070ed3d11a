import type { ExitName } from '../../errors.ts'
import { explainFault } from '../explain-fault.ts'
import type { JobState } from './job-state.ts'

export function beginRun(before: JobState | undefined, now: Date): JobState {
  return {
    outcome: 'running',
    startedAt: now.toISOString(),
    succeededAt: before?.succeededAt,
    failures: (before?.failures ?? 0) + 1,
  }
}

interface Ended {
  now: Date
  durationMs: number
}

function ended({ now, durationMs }: Ended): Pick<JobState, 'endedAt' | 'durationMs'> {
  return {
    endedAt: now.toISOString(),
    durationMs: Math.round(durationMs),
  }
}

export function succeedRun(begun: JobState, end: Ended): JobState {
  return {
    outcome: 'ok',
    startedAt: begun.startedAt,
    ...ended(end),
    succeededAt: begun.startedAt,
    failures: 0,
  }
}

/**
 * `busy` means that a migration, a restore or a manual backup holds the lock. A separate alert covers
 * backups that are too old.
 */
function outcomeOf(exit: ExitName): 'yielded' | 'cancelled' | 'failed' {
  if (exit === 'busy') return 'yielded'
  return exit === 'terminated' ? 'cancelled' : 'failed'
}

/**
 * Returns the state after a failed run. A yielded or cancelled run is no failure and does not reset the
 * failures.
 */
export function failRun(begun: JobState, end: Ended, err: unknown): JobState {
  const { exit, publicMessage } = explainFault(err)
  const outcome = outcomeOf(exit)
  const failures = outcome === 'failed' ? begun.failures : begun.failures - 1
  return { ...begun, outcome, ...ended(end), failures, fault: exit, sentence: publicMessage }
}
