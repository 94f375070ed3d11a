import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const baseSchema = z.object({
  label: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  /** Of the cluster, and what this backup added to the repository. */
  clusterBytes: z.number(),
  storedBytes: z.number(),
})

const repositorySchema = z.object({
  /** repo1 is the folder beside the backups, repo2 the off-site bucket. */
  name: z.enum(['repo1', 'repo2']),
  /** The newest of each type. */
  full: baseSchema.optional(),
  incremental: baseSchema.optional(),
  bases: z.int(),
  /** Nothing before it can be restored. */
  oldestMoment: z.iso.datetime().optional(),
  /** Since when segments are missing, until a newer base backup makes them needless. */
  gapSince: z.iso.datetime().optional(),
  /** When the newest segment came in, as far as that was seen; kept while the repository cannot be read. */
  newestSegmentAt: z.iso.datetime().optional(),
  /** A sentence, when it could not be read. */
  fault: z.string().optional(),
  /** What to do about it. */
  hint: z.string().optional(),
})

const stateSchema = z.object({ observedAt: z.iso.datetime(), repositories: z.array(repositorySchema) })

export type RepositoryState = z.infer<typeof repositorySchema>
export type ContinuousState = z.infer<typeof stateSchema>

const stateName = 'continuous'

export const writeContinuousState = (backupsFolder: string, repositories: RepositoryState[]): Promise<void> =>
  writeState(backupsFolder, stateName, { observedAt: new Date().toISOString(), repositories })

/** As the schedule saw it within the last minutes; undefined before its first look and where archiving is off. */
export const readContinuousState = (backupsFolder: string): Promise<ContinuousState | undefined> =>
  readState(backupsFolder, stateName, stateSchema)
