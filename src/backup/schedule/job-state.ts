import { z } from 'zod'
import { readState, writeState } from '../state-file.ts'
import type { JobName } from './job.ts'

const jobStateSchema = z.object({
  /** `running` in the file of a process that is gone means that it was killed. */
  outcome: z.enum(['running', 'ok', 'failed', 'yielded', 'cancelled']),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  durationMs: z.int().nonnegative().optional(),
  /** When the last run that succeeded began. */
  succeededAt: z.iso.datetime().optional(),
  /** Runs in a row that did not succeed, the one under way included: a killed one leaves its mark. */
  failures: z.int().nonnegative(),
  /** What went wrong, by the name in the table of exit codes. */
  fault: z.string().optional(),
  sentence: z.string().optional(),
})

export type JobState = z.infer<typeof jobStateSchema>

const fileOf = (job: JobName): string => `job-${job}`

export const readJobState = (backupsFolder: string, job: JobName): Promise<JobState | undefined> =>
  readState(backupsFolder, fileOf(job), jobStateSchema)

export const writeJobState = (backupsFolder: string, job: JobName, state: JobState): Promise<void> =>
  writeState(backupsFolder, fileOf(job), state)
