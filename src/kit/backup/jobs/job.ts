import type { JobState } from './job-state.ts'

/** They stand in file names, log fields and metric labels. */
export const jobNames = [
  'portable_dump',
  'base_full',
  'base_incremental',
  'drill',
  'offsite_copy',
  'config_archive',
  'config_copy',
] as const

export type JobName = (typeof jobNames)[number]

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
