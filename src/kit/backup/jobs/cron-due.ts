import { Cron } from 'croner'

/** Throws a TypeError for an expression that croner cannot read. */
export const parseSchedule = (expression: string): Cron =>
  new Cron(expression, { timezone: 'UTC', paused: true })

export interface CronDue {
  schedule: Cron
  /** How much later than the expression says; see jitter.ts. */
  offsetMs: number
}

/**
 * True when nothing was done since the schedule last came round. Asked every minute instead of set as a timer: runs that
 * were missed are made up for by one. A time after `now` is left out: it was noted before the clock went back.
 */
export const isDueByCron = ({ schedule, offsetMs }: CronDue, now: Date, doneAt: Date[]): boolean => {
  const past = doneAt.map((at) => at.getTime()).filter((ms) => ms <= now.getTime())
  if (past.length === 0) return true
  const atMs = now.getTime() - offsetMs
  // croner leaves out the second that it is asked about.
  const due = schedule.previousRuns(2, new Date(atMs + 1_000)).find((run) => run.getTime() <= atMs)
  return due !== undefined && Math.max(...past) < due.getTime() + offsetMs
}
