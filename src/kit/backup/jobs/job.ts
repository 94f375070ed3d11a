import type { JobName } from './job-name.ts'
import type { JobState } from './job-state.ts'

/** One kind of work of the schedule. To wait after a failure is the loop's business and not the job's. */
export interface Job {
  name: JobName
  /** Looked at from the first second on: until it has run, nothing of what is written would survive the loss of the volume. */
  isUrgentAtStart?: true
  /** Whether the work should be done now; `state` is undefined before the first run. See `isDueByCron`. */
  isDue: (now: Date, state: JobState | undefined) => boolean | Promise<boolean>
  /** Throws when it failed; what it returns goes into the log line. Ends soon after `signal` is aborted. */
  run: (signal: AbortSignal) => Promise<Record<string, unknown>>
}
