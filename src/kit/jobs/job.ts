import type { Database } from '../db/open-database.ts'

export interface JobTools<S> {
  db: Database
  /** Values of the settings of the application, by the names of their rows. */
  settings: S
  /** Aborted at the deadline, at the end of a shutdown, and when the lock is lost: check it between statements. */
  signal: AbortSignal
}

/** Work of the API on a schedule. One replica runs it at a time, so a second run soon after the first must do no harm. */
export interface Job<S = unknown> {
  /** In snake_case and unique: it stands in log lines and labels of metrics, and is the name of the lock. */
  name: string
  /** Cron expression of five fields, in UTC. A run that is due while no replica is up is not made up for. */
  schedule: string
  /** A run that takes longer is aborted and has failed; one minute when it is not given. */
  deadlineMs?: number
  /** Throws when it failed. The fields that it returns go into its log line. */
  run(tools: JobTools<S>): Promise<Record<string, unknown>>
}
