export interface LockBudget {
  spend: (ms: number) => void
  leftMs: () => number
  totalMs: number
}

/** Time that a run may lose to other people's locks, failed attempts and pauses together. */
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
