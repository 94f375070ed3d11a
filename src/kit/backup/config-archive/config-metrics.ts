import { secondsOf, type MetricFamily, type MetricsReader } from '../../telemetry/metric-family.ts'
import { timeOfName } from '../portable/backup-name.ts'
import { readJobState } from '../jobs/job-state.ts'
import { archiveName, listArchives } from './archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'

/** The note of the last run says more than the newest archive: none is taken while nothing has changed. */
const readCheckedAt = async (backupsFolder: string, files: string[]): Promise<string | undefined> => {
  const [newest] = files
  const state = await readJobState(backupsFolder, 'config_archive')
  const takenAt = newest === undefined ? undefined : timeOfName(archiveName(newest)).toISOString()
  return state?.succeededAt ?? takenAt
}

/** Nothing without encryption, where the configuration is not archived. A run that failed is among the jobs. */
export const createConfigMetrics =
  (isEncrypted: boolean): MetricsReader =>
  async ({ backupsFolder }): Promise<MetricFamily[]> => {
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
