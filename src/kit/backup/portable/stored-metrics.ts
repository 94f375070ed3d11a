import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import { listStoredBackups, type StoredBackup } from './stored-backup.ts'

function gauge(name: string, help: string, value: number | undefined): MetricFamily {
  return {
    name,
    type: 'gauge',
    help,
    samples: value === undefined ? [] : [{ value }],
  }
}

/** No sample without a backup, so that an alert on absence fires. */
function newestFamilies(stored: StoredBackup[], now: Date): MetricFamily[] {
  const manifest = stored.find(({ fault }) => fault === undefined)?.manifest
  const createdAt = manifest === undefined ? undefined : secondsOf(manifest.createdAt)
  const age = createdAt === undefined ? undefined : now.getTime() / 1_000 - createdAt
  const duration = manifest === undefined ? undefined : manifest.durationMs / 1_000
  return [
    gauge('backup_newest_timestamp_seconds', 'Snapshot time of the newest verified backup.', createdAt),
    gauge('backup_newest_age_seconds', 'Age of the newest verified backup.', age),
    gauge('backup_newest_duration_seconds', 'How long the newest verified backup took.', duration),
    gauge('backup_newest_size_bytes', 'Size of the newest verified dump.', manifest?.dump.bytes),
  ]
}

function countFamily(stored: StoredBackup[]): MetricFamily {
  const damaged = stored.filter(({ fault }) => fault !== undefined).length
  return {
    name: 'backup_stored',
    type: 'gauge',
    help: 'Backups in the folder, by whether their files still fit their manifest.',
    labels: ['state'],
    samples: [
      { labels: { state: 'intact' }, value: stored.length - damaged },
      { labels: { state: 'damaged' }, value: damaged },
    ],
  }
}

/** Reads the metrics of the stored portable backups. */
export const readStoredMetrics: MetricsReader = async ({ backupsFolder, now }) => {
  const stored = await listStoredBackups(backupsFolder)
  return [...newestFamilies(stored, now), countFamily(stored)]
}
