import { explainFault } from '../explain-fault.ts'
import { writeContinuousState, type RepositoryState } from './continuous-state.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { findGap } from './find-gap.ts'
import { readCluster, type LiveCluster } from './read-cluster.ts'
import { readRepository, type BaseBackup } from './read-repository.ts'
import { writeEngineConfig } from './write-engine-config.ts'

export interface ObservedRepository {
  name: RepositoryName
  bases: BaseBackup[]
  gapSince: Date | undefined
  /** A sentence, when it could not be read. */
  fault: string | undefined
}

export interface ObservedArchive {
  repositories: ObservedRepository[]
  cluster: LiveCluster | undefined
}

const observe = async (settings: ContinuousSettings, name: RepositoryName): Promise<ObservedRepository> => {
  try {
    const repository = await readRepository(settings, name)
    const gapSince = await findGap(settings, repository)
    return { name, bases: repository.bases, gapSince, fault: undefined }
  } catch (err) {
    return { name, bases: [], gapSince: undefined, fault: explainFault(err).publicMessage }
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

const stateOf = ({ name, bases, gapSince, fault }: ObservedRepository): RepositoryState => ({
  name,
  full: newestOf(bases, 'full'),
  incremental: newestOf(bases, 'incremental'),
  bases: bases.length,
  oldestMoment: bases[0]?.endedAt.toISOString(),
  gapSince: gapSince?.toISOString(),
  fault,
})

/** Looks at every repository and notes what it saw, for the list and the metrics. */
export const observeArchive = async (settings: ContinuousSettings): Promise<ObservedArchive> => {
  const repositories: ObservedRepository[] = []
  for (const name of await writeEngineConfig(settings)) repositories.push(await observe(settings, name))
  await writeContinuousState(settings.backupsFolder, repositories.map(stateOf))
  return { repositories, cluster: await readCluster(settings) }
}
