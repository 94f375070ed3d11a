import type { DrillOutcome } from './drill-protocol.ts'

/** Outcome of a drill, with the times from which the caller computes the RPO. */
export interface Handed {
  outcome: DrillOutcome
  /** Assumed time of the failure. RPO is `lostFrom` minus `recoveredTo`. */
  lostFrom: Date
  /** Newest recovered time. */
  recoveredTo: Date
  targetTime?: string
}
