export interface LockBudget {
  spend: (ms: number) => void
  leftMs: () => number
  totalMs: number
}

/** Creates the time budget that a run may lose to locks of other sessions, failed attempts and pauses included. */
export function createLockBudget(totalMs: number): LockBudget {
  let spentMs = 0
  return {
    spend: (ms) => {
      spentMs += ms
    },
    leftMs: () => totalMs - spentMs,
    totalMs,
  }
}
