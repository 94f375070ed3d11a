import type { JobName } from './job-name.ts'

export type CountedOutcome = 'ok' | 'failed'

export interface JobCounts {
  add: (job: JobName, outcome: CountedOutcome) => void
  of: (job: JobName, outcome: CountedOutcome) => number
}

/** Counts the runs of this process. All other metrics are read from disk. */
export function createJobCounts(): JobCounts {
  const counts = new Map<string, number>()
  const keyOf = (job: JobName, outcome: CountedOutcome): string => `${job} ${outcome}`
  return {
    add: (job, outcome) => void counts.set(keyOf(job, outcome), (counts.get(keyOf(job, outcome)) ?? 0) + 1),
    of: (job, outcome) => counts.get(keyOf(job, outcome)) ?? 0,
  }
}
