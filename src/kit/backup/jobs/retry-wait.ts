import type { JobState } from './job-state.ts'

const minuteMs = 60_000
const afterYieldMs = minuteMs
const firstWaitMs = 2 * minuteMs
const longestWaitMs = 30 * minuteMs

function waitOf({ outcome, failures }: JobState): number {
  if (outcome === 'yielded') return afterYieldMs
  return failures === 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (failures - 1))
}

/**
 * Returns true during the delay after a run: 2, 4, 8, 16, then 30 minutes after consecutive failures, one
 * minute after a yield. Ignores an end in the future, which a clock set back leaves behind.
 */
export function isHeldBack(state: JobState | undefined, now: Date): boolean {
  if (state === undefined) return false
  const sinceMs = now.getTime() - Date.parse(state.endedAt ?? state.startedAt)
  return sinceMs >= 0 && sinceMs < waitOf(state)
}
