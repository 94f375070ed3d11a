import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import { jobNames, type JobName } from './job-name.ts'
import type { JobCounts } from './job-counts.ts'
import { readJobState, type JobState } from './job-state.ts'

type Known = [job: JobName, state: JobState][]

/** Prometheus sets the label `job` itself. */
const jobLabel = 'job_name'
function labelOf(job: JobName): Record<string, string> {
  return { [jobLabel]: job }
}

function runsFamily(jobs: JobName[], counts: JobCounts): MetricFamily {
  return {
    name: 'backup_runs_total',
    type: 'counter',
    help: 'Scheduled runs of this process, by job and outcome.',
    labels: [jobLabel, 'outcome'],
    samples: jobs.flatMap((job) =>
      (['ok', 'failed'] as const).map((outcome) => ({
        labels: { ...labelOf(job), outcome },
        value: counts.of(job, outcome),
      })),
    ),
  }
}

/** A run in progress does not reset the failures. */
function hasFailed({ outcome, failures }: JobState): boolean {
  return failures > (outcome === 'running' ? 1 : 0)
}

function failedFamily(known: Known): MetricFamily {
  return {
    name: 'backup_last_run_failed',
    type: 'gauge',
    help: '1 when the last run of the job, scheduled or by hand, failed.',
    labels: [jobLabel],
    samples: known.map(([job, state]) => ({ labels: labelOf(job), value: hasFailed(state) ? 1 : 0 })),
  }
}

function successFamily(known: Known): MetricFamily {
  return {
    name: 'backup_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the last run of the job that succeeded began.',
    labels: [jobLabel],
    samples: known.flatMap(([job, { succeededAt }]) =>
      succeededAt === undefined ? [] : [{ labels: labelOf(job), value: secondsOf(succeededAt) }],
    ),
  }
}

/**
 * Creates the reader of the job metrics. `scheduled` are the jobs of this process; their counters start at
 * 0.
 */
export function createJobMetrics(scheduled: JobName[], counts: JobCounts): MetricsReader {
  return async ({ backupsFolder }) => {
    const states = await Promise.all(jobNames.map((job) => readJobState(backupsFolder, job)))
    const known: Known = jobNames.flatMap((job, index) => {
      const state = states[index]
      return state === undefined ? [] : [[job, state]]
    })
    return [runsFamily(scheduled, counts), failedFamily(known), successFamily(known)]
  }
}
