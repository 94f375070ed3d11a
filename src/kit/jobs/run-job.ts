import { performance } from 'node:perf_hooks'
import type { Database } from '../db/open-database.ts'
import type { WithLock } from '../db/with-lock.ts'
import { AppError } from '../errors.ts'
import type { JobMetrics } from '../telemetry/job-metrics.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Job } from './job.ts'

export interface JobRunner {
  db: Database
  withLock: WithLock
  settings: unknown
  logger: Logger
  metrics: JobMetrics
  /** Aborts the run, which then counts as cancelled. */
  signal: AbortSignal
  /** Minimum time that the lock is held, so that a replica with a late timer skips the run. */
  minHoldMs: number
}

interface Run {
  fields: Record<string, unknown>
  durationMs: number
}

const defaultDeadlineMs = 60_000
/** The server releases the lock this long after the deadline, in case the client does not. */
const graceMs = 10_000

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)).unref())
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}

/** Settles when `signal` is aborted, even while the job continues. */
async function runWithin(
  job: Job,
  { db, settings, minHoldMs }: JobRunner,
  signal: AbortSignal,
): Promise<Run> {
  const begin = performance.now()
  const aborted = whenAborted(signal)
  const fields = await Promise.race([job.run({ db, settings, signal }), aborted])
  const durationMs = performance.now() - begin
  await Promise.race([wait(minHoldMs - durationMs), aborted]).catch(() => undefined)
  return { fields, durationMs }
}

async function runLocked(job: Job, runner: JobRunner): Promise<Run | undefined> {
  const deadlineMs = job.deadlineMs ?? defaultDeadlineMs
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new AppError('timeout', `the job took longer than ${deadlineMs} ms`)),
    deadlineMs,
  )
  try {
    return await runner.withLock({ name: `job ${job.name}`, maxHoldMs: deadlineMs + graceMs }, (lost) =>
      runWithin(job, runner, AbortSignal.any([late.signal, runner.signal, lost])),
    )
  } finally {
    clearTimeout(timer)
  }
}

/** Runs `job` once and writes one log line and the metrics; never rejects. */
export async function runJob(job: Job, runner: JobRunner): Promise<void> {
  const { logger, metrics, signal } = runner
  const begin = performance.now()
  try {
    const run = await runLocked(job, runner)
    if (run === undefined) {
      skipJob(job, runner, 'another replica runs it')
      return
    }
    metrics.count(job.name, 'ok', run.durationMs / 1_000)
    logger.info({ ...run.fields, job: job.name, duration_ms: Math.round(run.durationMs) }, 'job done')
  } catch (err) {
    const durationMs = performance.now() - begin
    const outcome = signal.aborted ? 'cancelled' : 'failed'
    metrics.count(job.name, outcome, durationMs / 1_000)
    const level = outcome === 'failed' ? 'error' : 'warn'
    logger[level]({ err, job: job.name, duration_ms: Math.round(durationMs) }, `job ${outcome}`)
  }
}

export function skipJob({ name }: Job, { logger, metrics }: JobRunner, reason: string): void {
  metrics.count(name, 'skipped')
  logger.debug({ job: name, reason }, 'job skipped')
}
