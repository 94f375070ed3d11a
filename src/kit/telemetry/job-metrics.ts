import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** `skipped`: another replica or an earlier run is running the job; `cancelled`: aborted by a shutdown. */
const outcomes = ['ok', 'failed', 'skipped', 'cancelled'] as const

export interface JobMetrics {
  /** Creates the counters of a job at 0. */
  register: (name: string) => void
  /** `seconds` is absent for a run that did not begin. */
  count: (name: string, outcome: (typeof outcomes)[number], seconds?: number) => void
}

// No bound is a whole number, for the reason given in metrics.ts.
const bounds = [0.01, 0.05, 0.25, 1.001, 5.001, 30.001, 120.001, 600.001]

// Prometheus adds its own label `job` to every sample.
const jobLabel = 'job_name'

/** Creates the metrics of all jobs. */
export function createJobMetrics(registry: Registry): JobMetrics {
  const registers = [registry]
  const runs = new Counter({
    name: 'job_runs_total',
    help: 'Runs of scheduled jobs of this process, by job and outcome: ok, failed, skipped (it runs already, here or in another replica), cancelled (by a shutdown).',
    labelNames: [jobLabel, 'outcome'],
    registers,
  })
  const successes = new Gauge({
    name: 'job_last_success_timestamp_seconds',
    help: 'When this process last ended a run of the job that succeeded; absent before the first one.',
    labelNames: [jobLabel],
    registers,
  })
  const durations = new Histogram({
    name: 'job_duration_seconds',
    help: 'Time of runs of scheduled jobs that began, by job.',
    labelNames: [jobLabel],
    buckets: bounds,
    registers,
  })
  return {
    register: (name) => {
      for (const outcome of outcomes) runs.inc({ [jobLabel]: name, outcome }, 0)
    },
    count: (name, outcome, seconds) => {
      runs.inc({ [jobLabel]: name, outcome })
      if (outcome === 'ok') successes.set({ [jobLabel]: name }, Date.now() / 1_000)
      if (seconds !== undefined) durations.observe({ [jobLabel]: name }, seconds)
    },
  }
}
