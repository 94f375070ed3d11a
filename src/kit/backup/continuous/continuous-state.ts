import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const baseSchema = z.object({
  label: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** Size of the cluster, and bytes that this backup added to the repository. */
  clusterBytes: z.number(),
  storedBytes: z.number(),
})

const repositorySchema = z.object({
  /** repo1 is the folder beside the backups, repo2 the off-site bucket. */
  name: z.enum(['repo1', 'repo2']),
  /** Newest base backup of each type. */
  full: baseSchema.optional(),
  incremental: baseSchema.optional(),
  bases: z.int(),
  /** Earliest recovery target. */
  oldestMoment: z.iso.datetime().optional(),
  /** Start of a gap in the WAL; absent once a newer base backup exists. */
  gapSince: z.iso.datetime().optional(),
  /** Time at which the newest observed segment was archived; kept while the repository is unreadable. */
  newestSegmentAt: z.iso.datetime().optional(),
  /** Reason why the repository is unreadable, as a sentence. */
  fault: z.string().optional(),
  /** Next step for the operator. */
  hint: z.string().optional(),
})

const stateSchema = z.object({ observedAt: z.iso.datetime(), repositories: z.array(repositorySchema) })

export type RepositoryState = z.infer<typeof repositorySchema>
export type ContinuousState = z.infer<typeof stateSchema>

const stateName = 'continuous'

export function writeContinuousState(backupsFolder: string, repositories: RepositoryState[]): Promise<void> {
  return writeState(backupsFolder, stateName, { observedAt: new Date().toISOString(), repositories })
}

/**
 * Reads the state from the last observation of the schedule. Returns undefined before the first
 * observation and with archiving off.
 */
export function readContinuousState(backupsFolder: string): Promise<ContinuousState | undefined> {
  return readState(backupsFolder, stateName, stateSchema)
}
