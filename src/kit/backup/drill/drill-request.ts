import type { DrillOutcome } from './drill-protocol.ts'

/** How a drill ended, and what the backup service knows beside it. */
export interface Handed {
  outcome: DrillOutcome
  /** Had the server gone at this moment ... */
  lostFrom: Date
  /** ... everything after this one would have been lost. */
  recoveredTo: Date
  targetTime?: string
}
