import type { JobName } from './job-name.ts'
import type { JobState } from './job-state.ts'

/** One kind of scheduled work. The loop, not the job, handles the delay after a failure. */
export interface Job {
  name: JobName
  /**
   * Checked every second after the start: until the first run no written data survives the loss of the
   * volume.
   */
  isUrgentAtStart?: true
  /** Returns true when the job is due; `state` is undefined before the first run. See `isDueByCron`. */
  isDue: (now: Date, state: JobState | undefined) => boolean | Promise<boolean>
  /**
   * Runs the job. Throws when it fails; the result goes into the log line. Ends soon after `signal` is
   * aborted.
   */
  run: (signal: AbortSignal) => Promise<Record<string, unknown>>
}
