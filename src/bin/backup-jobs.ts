import { createDrillJob } from '../backup/drill/drill-job.ts'
import type { BackupSettings } from '../backup/portable/create-backup.ts'
import { parseSchedule } from '../backup/schedule/cron-due.ts'
import { createDumpJob } from '../backup/schedule/dump-job.ts'
import type { Job } from '../backup/schedule/job.ts'
import { readJitterMs } from '../backup/schedule/jitter.ts'
import type { Config } from '../config/load.ts'
import { drillSettingsOf, drillWishes } from './drill-wishes.ts'

/** What the schedule does, in the order in which jobs that are due at the same time take their turn. */
export const createBackupJobs = async (
  settings: BackupSettings,
  config: Config<'backup'>,
): Promise<Job[]> => {
  const offsetMs = await readJitterMs(settings.backupsFolder, config.BACKUP_JITTER_SECONDS)
  const drillSettings = drillSettingsOf(settings, config, () => undefined)
  const drillCron = { schedule: parseSchedule(config.BACKUP_DRILL_SCHEDULE), offsetMs }
  return [
    createDumpJob(settings, { schedule: parseSchedule(config.BACKUP_SCHEDULE), offsetMs }),
    createDrillJob(drillSettings, drillWishes('all'), drillCron),
  ]
}
