import { z } from 'zod'
import { configFolderOf } from '../backups-folder.ts'
import { readState, writeState } from '../../host/state-file.ts'
import type { JobName } from './job-name.ts'

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

/** Whoever archives the configuration reads all secrets, and sees of the backups no more than the folder of the archives. */
const placeOf = (backupsFolder: string, job: JobName): string =>
  job === 'config_archive' ? configFolderOf(backupsFolder) : backupsFolder

export const readJobState = (backupsFolder: string, job: JobName): Promise<JobState | undefined> =>
  readState(placeOf(backupsFolder, job), fileOf(job), jobStateSchema)

export const writeJobState = (backupsFolder: string, job: JobName, state: JobState): Promise<void> =>
  writeState(placeOf(backupsFolder, job), fileOf(job), state)
