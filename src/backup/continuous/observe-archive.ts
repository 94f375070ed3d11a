import { explainFault } from '../explain-fault.ts'
import { readContinuousState, writeContinuousState, type RepositoryState } from './continuous-state.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { observeWal } from './observe-wal.ts'
import { readCluster, type LiveCluster } from './read-cluster.ts'
import { readRepository, type BaseBackup } from './read-repository.ts'
import { writeEngineConfig } from './write-engine-config.ts'

export interface ObservedRepository {
  name: RepositoryName
  bases: BaseBackup[]
  gapSince: Date | undefined
  /** When the newest segment came in, as far as that was ever seen. */
  newestSegmentAt: Date | undefined
  /** A sentence, when it could not be read. */
  fault: string | undefined
  /** What to do about it. */
  hint?: string | undefined
}

export interface ObservedArchive {
  repositories: ObservedRepository[]
  cluster: LiveCluster | undefined
}

const observe = async (
  settings: ContinuousSettings,
  name: RepositoryName,
  before: RepositoryState | undefined,
): Promise<ObservedRepository> => {
  try {
    const repository = await readRepository(settings, name)
    const { gapSince, newestAt } = await observeWal(settings, repository)
    return { name, bases: repository.bases, gapSince, newestSegmentAt: newestAt, fault: undefined }
  } catch (err) {
    // Away it gets nothing either: what was seen last goes on growing old.
    const seen = before?.newestSegmentAt
    const newestSegmentAt = seen === undefined ? undefined : new Date(seen)
    const { publicMessage: fault, hint } = explainFault(err)
    return { name, bases: [], gapSince: undefined, newestSegmentAt, fault, hint }
  }
}

const newestOf = (bases: BaseBackup[], type: BaseBackup['type']) => {
  const base = bases.findLast((each) => each.type === type)
  return base === undefined
    ? undefined
    : {
        label: base.label,
        startedAt: base.startedAt.toISOString(),
        endedAt: base.endedAt.toISOString(),
        clusterBytes: base.clusterBytes,
        storedBytes: base.storedBytes,
      }
}

const stateOf = ({
  name,
  bases,
  gapSince,
  newestSegmentAt,
  fault,
  hint,
}: ObservedRepository): RepositoryState => ({
  name,
  full: newestOf(bases, 'full'),
  incremental: newestOf(bases, 'incremental'),
  bases: bases.length,
  oldestMoment: bases[0]?.endedAt.toISOString(),
  gapSince: gapSince?.toISOString(),
  newestSegmentAt: newestSegmentAt?.toISOString(),
  fault,
  hint,
})

/** Looks at every repository and notes what it saw, for the list and the metrics. */
export const observeArchive = async (settings: ContinuousSettings): Promise<ObservedArchive> => {
  const repositories: ObservedRepository[] = []
  const before = (await readContinuousState(settings.backupsFolder))?.repositories ?? []
  for (const name of await writeEngineConfig(settings)) {
    const known = before.find((each) => each.name === name)
    repositories.push(await observe(settings, name, known))
  }
  await writeContinuousState(settings.backupsFolder, repositories.map(stateOf))
  return { repositories, cluster: await readCluster(settings) }
}
