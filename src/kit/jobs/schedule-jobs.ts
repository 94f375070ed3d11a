import { Cron } from 'croner'
import { AppError } from '../errors.ts'
import type { Job } from './job.ts'
import { runJob, skipJob, wait, type JobRunner } from './run-job.ts'

export interface JobSchedule {
  /** Starts no more runs, waits `waitMs` for running ones, then aborts them. */
  close: (waitMs: number) => Promise<void>
}

type ScheduleOptions = Omit<JobRunner, 'signal' | 'minHoldMs'>

const minHoldMs = 5_000

/**
 * Runs each job on its schedule and skips a run while the previous one is running. Throws for an invalid cron
 * expression.
 */
export function scheduleJobs(jobs: readonly Job[], options: ScheduleOptions): JobSchedule {
  const stop = new AbortController()
  const running = new Map<string, Promise<void>>()
  const runner: JobRunner = { ...options, minHoldMs, signal: stop.signal }
  const begin = (job: Job): void => {
    if (running.has(job.name)) skipJob(job, runner, 'the run before has not ended')
    else
      running.set(
        job.name,
        runJob(job, runner).finally(() => running.delete(job.name)),
      )
  }
  const start = (job: Job): Cron => {
    options.metrics.register(job.name)
    // `protect` of croner would report a skipped run again every 30 s.
    return new Cron(job.schedule, { timezone: 'UTC', mode: '5-part', unref: true }, () => begin(job))
  }
  refuseSameNames(jobs)
  const timers = jobs.map(start)
  return {
    close: async (waitMs) => {
      for (const timer of timers) timer.stop()
      const ended = Promise.all(running.values())
      await Promise.race([ended, wait(waitMs)])
      stop.abort(new AppError('unavailable', 'the process is shutting down'))
      await ended
    },
  }
}

function refuseSameNames(jobs: readonly Job[]): void {
  const names = jobs.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new AppError('internal', `two jobs are named ${twice}`, {
    hint: 'rename yours in src/app: the name is that of the lock, too',
  })
}
