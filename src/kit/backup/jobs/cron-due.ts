import { Cron } from 'croner'

/** Parses a cron expression in UTC. Throws TypeError when it is invalid. */
export function parseSchedule(expression: string): Cron {
  return new Cron(expression, { timezone: 'UTC', paused: true })
}

export interface CronDue {
  schedule: Cron
  /** Delay after the time of the expression; see jitter.ts. */
  offsetMs: number
}

/**
 * Returns true when nothing was done since the last scheduled time. Polled every minute instead of a
 * timer, so that one run makes up for all missed ones. Ignores times after `now`, which a clock set back
 * leaves behind.
 */
export function isDueByCron({ schedule, offsetMs }: CronDue, now: Date, doneAt: Date[]): boolean {
  const past = doneAt.map((at) => at.getTime()).filter((ms) => ms <= now.getTime())
  if (past.length === 0) return true
  const atMs = now.getTime() - offsetMs
  // croner excludes the given second.
  const due = schedule.previousRuns(2, new Date(atMs + 1_000)).find((run) => run.getTime() <= atMs)
  return due !== undefined && Math.max(...past) < due.getTime() + offsetMs
}
