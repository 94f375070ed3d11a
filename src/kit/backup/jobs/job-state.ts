import { z } from 'zod'
import { configFolderOf } from '../backups-folder.ts'
import { readState, writeState } from '../../host/state-file.ts'
import type { JobName } from './job-name.ts'

const jobStateSchema = z.object({
  /** `running` without a live process means that the process was killed. */
  outcome: z.enum(['running', 'ok', 'failed', 'yielded', 'cancelled']),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  durationMs: z.int().nonnegative().optional(),
  /** Start of the last successful run. */
  succeededAt: z.iso.datetime().optional(),
  /** Consecutive runs without success, including the run in progress, so that a killed run counts. */
  failures: z.int().nonnegative(),
  /** Exit code by its name in the table of exit codes. */
  fault: z.string().optional(),
  sentence: z.string().optional(),
})

export type JobState = z.infer<typeof jobStateSchema>

function fileOf(job: JobName): string {
  return `job-${job}`
}

/**
 * The process that archives the configuration can read all secrets, so it has access to the folder of the
 * archives only.
 */
function placeOf(backupsFolder: string, job: JobName): string {
  return job === 'config_archive' ? configFolderOf(backupsFolder) : backupsFolder
}

/** Reads the state of a job. Returns undefined before its first run. */
export function readJobState(backupsFolder: string, job: JobName): Promise<JobState | undefined> {
  return readState(placeOf(backupsFolder, job), fileOf(job), jobStateSchema)
}

export function writeJobState(backupsFolder: string, job: JobName, state: JobState): Promise<void> {
  return writeState(placeOf(backupsFolder, job), fileOf(job), state)
}
