import type { CommandError } from '../../errors.ts'
import type { Job } from '../jobs/job.ts'
import { takeBase } from './base-backup.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { isIncrementalDue, whyFullIsDue, type BaseSchedules, type FullReason } from './due-base.ts'
import { explainFault } from '../explain-fault.ts'
import { observeArchive, type ObservedArchive, type ObservedRepository } from './observe-archive.ts'
import type { BaseBackup } from './read-repository.ts'

interface Due {
  repository: RepositoryName
  why: FullReason | 'incremental'
}

function dueIn(
  observed: ObservedArchive,
  why: (repository: ObservedRepository) => Due['why'] | undefined,
): Due[] {
  return observed.repositories.flatMap((repository) => {
    // A backup to an unreadable repository would fail and be retried all day.
    const reason = repository.fault === undefined ? why(repository) : undefined
    return reason === undefined ? [] : [{ repository: repository.name, why: reason }]
  })
}

function fieldsOf({ repository, why }: Due, base: BaseBackup): Record<string, unknown> {
  return {
    repository,
    why,
    label: base.label,
    stored_bytes: base.storedBytes,
  }
}

/** Takes every due backup, also after one has failed, then throws the first error. */
async function takeAll(
  settings: ContinuousSettings,
  due: Due[],
  type: BaseBackup['type'],
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const taken: Record<string, unknown>[] = []
  const faults: CommandError[] = []
  for (const each of due) {
    try {
      taken.push(fieldsOf(each, await takeBase(settings, { repository: each.repository, type, signal })))
    } catch (err) {
      faults.push(explainFault(err))
    }
  }
  await observeArchive(settings)
  const [fault] = faults
  if (fault !== undefined) throw fault
  return { bases: taken }
}

/**
 * Creates the jobs for full and incremental base backups. The check of the full job runs first and saves
 * the observed state.
 */
export function continuousJobs(settings: ContinuousSettings, schedules: BaseSchedules): Job[] {
  const fulls = async (now: Date): Promise<Due[]> => {
    const observed = await observeArchive(settings)
    const { cluster } = observed
    return dueIn(observed, (each) => whyFullIsDue({ ...each, cluster }, schedules, now))
  }
  const incrementals = async (now: Date): Promise<Due[]> => {
    const observed = await observeArchive(settings)
    return dueIn(observed, (each) =>
      isIncrementalDue({ ...each, cluster: observed.cluster }, schedules, now) ? 'incremental' : undefined,
    )
  }
  return [
    {
      name: 'base_full',
      isUrgentAtStart: true,
      isDue: async (now) => (await fulls(now)).length > 0,
      run: async (signal) => takeAll(settings, await fulls(new Date()), 'full', signal),
    },
    {
      name: 'base_incremental',
      isDue: async (now) => (await incrementals(now)).length > 0,
      run: async (signal) => takeAll(settings, await incrementals(new Date()), 'incremental', signal),
    },
  ]
}
