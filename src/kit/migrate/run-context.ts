import type { Report } from './event.ts'
import type { LockBudget } from './lock-budget.ts'
import type { Observer } from './open-observer.ts'
import type { Session } from './open-session.ts'

/** Values that one run passes to the steps of each file. */
export interface RunContext {
  session: Session
  observer: Observer
  budget: LockBudget
  report: Report
  signal?: AbortSignal | undefined
  lockTimeoutMs: number
  statementTimeoutMs: number
  /** Files to apply in this run. */
  total: number
}
