import type { DrillOutcome } from './drill-protocol.ts'

/** Outcome of a drill, with the times from which the caller computes the RPO. */
export interface DrillResult {
  outcome: DrillOutcome
  /** Assumed time of the failure. RPO is `assumedFailureAt` minus `recoveredTo`. */
  assumedFailureAt: Date
  /** Newest recovered time. */
  recoveredTo: Date
  targetTime?: string
}
