import { createDrillJob } from '../../backup/drill/drill-job.ts'
import type { BackupSettings } from '../../backup/portable/create-backup.ts'
import { continuousJobs } from '../../backup/continuous/continuous-jobs.ts'
import type { ContinuousSettings } from '../../backup/continuous/continuous-settings.ts'
import { parseSchedule, type CronDue } from '../../backup/jobs/cron-due.ts'
import { createDumpJob } from '../../backup/schedule/dump-job.ts'
import type { Job } from '../../backup/jobs/job.ts'
import { readJitterMs } from '../../backup/jobs/jitter.ts'
import { withHeartbeat } from '../../backup/jobs/with-heartbeat.ts'
import type { Config } from '../../config/load.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { drillSettingsOf, drillWishes } from './drill-targets.ts'

const heartbeatWithinMs = 10_000

/** What the schedule does, in the order in which jobs that are due at the same time take their turn. */
export async function createBackupJobs(
  settings: BackupSettings,
  continuous: ContinuousSettings,
  config: Config<'backup'>,
  logger: Logger,
): Promise<Job[]> {
  const offsetMs = await readJitterMs(settings.backupsFolder, config.BACKUP_JITTER_SECONDS)
  const drillSettings = drillSettingsOf(settings, config, () => undefined)
  const due = (expression: string): CronDue => ({ schedule: parseSchedule(expression), offsetMs })
  const bases = continuousJobs(continuous, {
    full: due(config.BACKUP_BASE_FULL_SCHEDULE),
    incremental: due(config.BACKUP_BASE_INCREMENTAL_SCHEDULE),
  })
  const heartbeat = { url: config.BACKUP_HEARTBEAT_URL, answerWithinMs: heartbeatWithinMs }
  return [
    ...(config.ARCHIVE ? bases : []),
    withHeartbeat(createDumpJob(settings, due(config.BACKUP_SCHEDULE)), heartbeat, logger),
    createDrillJob(
      drillSettings,
      drillWishes('all', undefined, { isOn: config.ARCHIVE, continuous }),
      due(config.BACKUP_DRILL_SCHEDULE),
    ),
  ]
}
