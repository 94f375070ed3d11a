import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import { timeOfName } from '../portable/backup-name.ts'
import { readJobState } from '../jobs/job-state.ts'
import { archiveName, listArchives } from './archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'

/**
 * Returns the end of the last successful job. The newest archive may be older: an unchanged configuration
 * is not archived again.
 */
async function readCheckedAt(backupsFolder: string, files: string[]): Promise<string | undefined> {
  const [newest] = files
  const state = await readJobState(backupsFolder, 'config_archive')
  const takenAt = newest === undefined ? undefined : timeOfName(archiveName(newest)).toISOString()
  return state?.succeededAt ?? takenAt
}

/**
 * Creates the reader of the archive metrics. Returns no family without encryption: the configuration is
 * not archived then.
 */
export function createConfigMetrics(isEncrypted: boolean): MetricsReader {
  return async ({ backupsFolder }): Promise<MetricFamily[]> => {
    if (!isEncrypted) return []
    const files = await listArchives(configFolderOf(backupsFolder))
    const checkedAt = files.length === 0 ? undefined : await readCheckedAt(backupsFolder, files)
    return [
      {
        name: 'backup_config_stored',
        type: 'gauge',
        help: 'Archives of the configuration in the folder.',
        samples: [{ value: files.length }],
      },
      {
        name: 'backup_config_checked_timestamp_seconds',
        type: 'gauge',
        help: 'When the configuration was last archived, or found to be what the newest archive holds.',
        samples: checkedAt === undefined ? [] : [{ value: secondsOf(checkedAt) }],
      },
    ]
  }
}
