import { Cron } from 'croner'

interface Times {
  now: Date
  /** Snapshot time of the newest verified backup. */
  newest: Date | undefined
  /** End of the last attempt of this process that failed. */
  failed: Date | undefined
}

const retryAfterMs = 10 * 60_000

/** Throws a TypeError for an expression that croner cannot read. */
export const parseSchedule = (expression: string): Cron =>
  new Cron(expression, { timezone: 'UTC', paused: true })

/**
 * Asked every minute instead of set as a timer: missed runs are made up for after downtime, failed ones come again,
 * and a clock that goes back neither repeats nor drops one.
 */
export const isBackupDue = (schedule: Cron, { now, newest, failed }: Times): boolean => {
  if (failed !== undefined && Math.abs(now.getTime() - failed.getTime()) < retryAfterMs) return false
  if (newest === undefined) return true
  const [due] = schedule.previousRuns(1, now)
  return due !== undefined && newest < due
}
