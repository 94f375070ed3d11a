import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import { readContinuousState, type RepositoryState } from './continuous-state.ts'
import type { ContinuousSettings } from './continuous-settings.ts'
import { readNewestArchived } from './newest-archived.ts'
import { readQueueBytes } from './read-queue.ts'

function baseFamily(repositories: RepositoryState[]): MetricFamily {
  return {
    name: 'backup_base_newest_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest base backup of each type began, by repository.',
    labels: ['repository', 'type'],
    samples: repositories.flatMap(({ name, full, incremental }) =>
      Object.entries({ full, incremental }).flatMap(([type, base]) =>
        base === undefined ? [] : [{ labels: { repository: name, type }, value: secondsOf(base.startedAt) }],
      ),
    ),
  }
}

function gapFamily(repositories: RepositoryState[]): MetricFamily {
  return {
    name: 'backup_archive_gap',
    type: 'gauge',
    help: '1 while segments are missing from a repository and no newer base backup makes them needless.',
    labels: ['repository'],
    samples: repositories.map(({ name, gapSince }) => ({
      labels: { repository: name },
      value: gapSince === undefined ? 0 : 1,
    })),
  }
}

function faultFamily(repositories: RepositoryState[]): MetricFamily {
  return {
    name: 'backup_archive_unreadable',
    type: 'gauge',
    help: '1 while a repository of the archive cannot be read.',
    labels: ['repository'],
    samples: repositories.map(({ name, fault }) => ({
      labels: { repository: name },
      value: fault === undefined ? 0 : 1,
    })),
  }
}

/** Reads the local repository now and the state of the storage from the last observation. */
function newestFamily(newestHere: Date | undefined, repositories: RepositoryState[]): MetricFamily {
  const there = repositories.find(({ name }) => name === 'repo2')?.newestSegmentAt
  const times = { repo1: newestHere?.toISOString(), repo2: there }
  return {
    name: 'backup_archive_last_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest segment of WAL came into each repository of the archive.',
    labels: ['repository'],
    samples: Object.entries(times).flatMap(([repository, time]) =>
      time === undefined ? [] : [{ labels: { repository }, value: secondsOf(time) }],
    ),
  }
}

function gauge(name: string, help: string, value: number | undefined): MetricFamily {
  return {
    name,
    type: 'gauge',
    help,
    samples: value === undefined ? [] : [{ value }],
  }
}

/**
 * Creates the reader of the archive metrics. Reads the WAL queue at the scrape; the state of the
 * repositories comes from the last run of the schedule.
 */
export function createContinuousMetrics(settings: ContinuousSettings): MetricsReader {
  return async ({ backupsFolder }) => {
    const repositories = (await readContinuousState(backupsFolder))?.repositories ?? []
    const newest = await readNewestArchived(settings)
    return [
      baseFamily(repositories),
      gapFamily(repositories),
      faultFamily(repositories),
      newestFamily(newest, repositories),
      gauge('backup_wal_queue_bytes', 'WAL that waits for the archive.', await readQueueBytes(settings)),
    ]
  }
}
