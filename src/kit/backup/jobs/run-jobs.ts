import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '../../telemetry/logger.ts'
import { explainFault } from '../explain-fault.ts'
import type { JobName } from './job-name.ts'
import type { Job } from './job.ts'
import type { JobCounts } from './job-counts.ts'
import { beginRun, failRun, succeedRun } from './job-outcome.ts'
import { readJobState, writeJobState, type JobState } from './job-state.ts'
import { isHeldBack } from './retry-wait.ts'

interface ScheduleOptions {
  /** Jobs due at the same time run in this order. */
  jobs: Job[]
  backupsFolder: string
  logger: Logger
  counts: JobCounts
  /** Ends the loop and the running job. */
  signal: AbortSignal
  lookEveryMs: number
}

const urgentLookEveryMs = 1_000

/** States that could not be written: with a full disk the loop must still remember a failure. */
type Unwritten = Map<JobName, JobState>

async function note(
  options: ScheduleOptions,
  unwritten: Unwritten,
  job: Job,
  state: JobState,
): Promise<void> {
  try {
    await writeJobState(options.backupsFolder, job.name, state)
    unwritten.delete(job.name)
  } catch (err) {
    unwritten.set(job.name, state)
    options.logger.error(
      { job: job.name, reason: explainFault(err).publicMessage },
      'state of a job not written',
    )
  }
}

async function attempt(
  { logger, counts, signal }: ScheduleOptions,
  job: Job,
  begun: JobState,
): Promise<JobState> {
  const begin = performance.now()
  const end = () => ({ now: new Date(), durationMs: performance.now() - begin })
  try {
    const fields = await job.run(signal)
    counts.add(job.name, 'ok')
    logger.info({ job: job.name, ...fields }, 'job done')
    return succeedRun(begun, end())
  } catch (err) {
    const state = failRun(begun, end(), err)
    const { exit: fault, publicMessage, hint } = explainFault(err)
    if (state.outcome === 'failed') {
      counts.add(job.name, 'failed')
      logger.error({ job: job.name, fault, reason: publicMessage, hint }, 'job failed')
    } else {
      logger.info({ job: job.name, reason: publicMessage }, `job ${state.outcome}`)
    }
    return state
  }
}

/** An unreadable folder is logged and does not end the loop. */
async function isDue({ logger }: ScheduleOptions, job: Job, now: Date, before?: JobState): Promise<boolean> {
  if (isHeldBack(before, now)) return false
  try {
    return await job.isDue(now, before)
  } catch (err) {
    const { exit: fault, publicMessage, hint } = explainFault(err)
    logger.error({ job: job.name, fault, reason: publicMessage, hint }, 'cannot tell whether the job is due')
    return false
  }
}

/** Returns true when the job was run. */
async function runIfDue(options: ScheduleOptions, unwritten: Unwritten, job: Job): Promise<boolean> {
  const before = unwritten.get(job.name) ?? (await readJobState(options.backupsFolder, job.name))
  const now = new Date()
  if (!(await isDue(options, job, now, before))) return false
  const begun = beginRun(before, now)
  await note(options, unwritten, job, begun)
  await note(options, unwritten, job, await attempt(options, job, begun))
  return true
}

/** Runs urgent jobs as soon as they are due, during the first `lookEveryMs`. */
async function runUrgent(options: ScheduleOptions, unwritten: Unwritten): Promise<void> {
  const { signal, lookEveryMs } = options
  const end = performance.now() + lookEveryMs
  let waiting = options.jobs.filter(({ isUrgentAtStart }) => isUrgentAtStart)
  while (waiting.length > 0 && performance.now() < end && !signal.aborted) {
    for (const job of waiting) {
      if (await runIfDue(options, unwritten, job)) waiting = waiting.filter((each) => each !== job)
    }
    await pause(Math.min(urgentLookEveryMs, lookEveryMs), undefined, { signal }).catch(() => undefined)
  }
  const left = Math.max(0, end - performance.now())
  await pause(left, undefined, { signal }).catch(() => undefined)
}

/**
 * Runs due jobs one at a time; checks all of them every minute. Returns when `signal` is aborted. The
 * first check is after one minute, so that a fresh stack migrates before its first dump.
 */
export async function runJobs(options: ScheduleOptions): Promise<void> {
  const { jobs, signal, lookEveryMs } = options
  const unwritten: Unwritten = new Map()
  await runUrgent(options, unwritten)
  for (;;) {
    for (const job of jobs) {
      if (signal.aborted) return
      await runIfDue(options, unwritten, job)
    }
    if (signal.aborted) return
    await pause(lookEveryMs, undefined, { signal }).catch(() => undefined)
  }
}
