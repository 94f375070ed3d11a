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
  /** Archive time of the newest segment that was ever observed. */
  newestSegmentAt: Date | undefined
  /** Reason why the repository is unreadable, as a sentence. */
  fault: string | undefined
  /** Next step for the operator. */
  hint?: string | undefined
}

export interface ObservedArchive {
  repositories: ObservedRepository[]
  cluster: LiveCluster | undefined
}

async function observe(
  settings: ContinuousSettings,
  name: RepositoryName,
  before: RepositoryState | undefined,
): Promise<ObservedRepository> {
  try {
    const repository = await readRepository(settings, name)
    const { gapSince, newestAt } = await observeWal(settings, repository)
    return { name, bases: repository.bases, gapSince, newestSegmentAt: newestAt, fault: undefined }
  } catch (err) {
    // While the repository is unreadable the age of its newest segment keeps growing.
    const seen = before?.newestSegmentAt
    const newestSegmentAt = seen === undefined ? undefined : new Date(seen)
    const { publicMessage: fault, hint } = explainFault(err)
    return { name, bases: [], gapSince: undefined, newestSegmentAt, fault, hint }
  }
}

function newestOf(bases: BaseBackup[], type: BaseBackup['type']) {
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

function stateOf({
  name,
  bases,
  gapSince,
  newestSegmentAt,
  fault,
  hint,
}: ObservedRepository): RepositoryState {
  return {
    name,
    full: newestOf(bases, 'full'),
    incremental: newestOf(bases, 'incremental'),
    bases: bases.length,
    oldestMoment: bases[0]?.endedAt.toISOString(),
    gapSince: gapSince?.toISOString(),
    newestSegmentAt: newestSegmentAt?.toISOString(),
    fault,
    hint,
  }
}

/** Short, because the observation runs every minute. */
const ioTimeoutSeconds = 3

/**
 * Reads every repository and saves the result for `backup list` and the metrics. Saves the local
 * repository first: an unresponsive storage takes long to time out.
 */
export async function observeArchive(settings: ContinuousSettings): Promise<ObservedArchive> {
  const names = await writeEngineConfig(settings)
  const before = (await readContinuousState(settings.backupsFolder))?.repositories ?? []
  const states = new Map(before.map((state) => [state.name, state]))
  const looks = names.map((name) => observe({ ...settings, ioTimeoutSeconds }, name, states.get(name)))
  const repositories: ObservedRepository[] = []
  for (const look of looks) {
    const observed = await look
    repositories.push(observed)
    states.set(observed.name, stateOf(observed))
    await writeContinuousState(
      settings.backupsFolder,
      names.flatMap((name) => states.get(name) ?? []),
    )
  }
  return { repositories, cluster: await readCluster(settings) }
}
