import type { BackupSettings } from '../../backup/portable/create-backup.ts'
import { createConfigCopyJob } from '../../backup/config-archive/config-copy-job.ts'
import { createMetricsServer } from '../../telemetry/create-metrics-server.ts'
import type { ContinuousSettings } from '../../backup/continuous/continuous-settings.ts'
import { createCopyJob } from '../../backup/offsite/copy-job.ts'
import type { OffsiteSettings } from '../../backup/offsite/offsite-settings.ts'
import { createJobCounts } from '../../backup/jobs/job-counts.ts'
import type { Job } from '../../backup/jobs/job.ts'
import { runJobs } from '../../backup/jobs/run-jobs.ts'
import type { Config } from '../../config/load.ts'
import { createLogger } from '../../telemetry/logger.ts'
import { createBackupJobs } from './backup-jobs.ts'
import { createBackupMetrics } from './backup-metrics.ts'
import { endOnSignal } from '../process/end-on-signal.ts'
import { listen } from '../process/listen.ts'

const lookEveryMs = 60_000

export interface Scheduled {
  settings: BackupSettings
  continuous: ContinuousSettings
  offsite: OffsiteSettings | undefined
  config: Config<'backup'>
}

/** What talks to the storage off-site goes beside the others and not in turn with them: a slow one must not put off the next dump. */
function lanesOf(jobs: Job[], { settings, offsite }: Scheduled): Job[][] {
  if (offsite === undefined) return [jobs]
  const place = { offsite, backupsFolder: settings.backupsFolder }
  const isBase = ({ name }: Job): boolean => name === 'base_full' || name === 'base_incremental'
  return [
    jobs.filter((job) => !isBase(job)),
    jobs.filter(isBase),
    [createConfigCopyJob(place), createCopyJob(place, settings.keep)],
  ]
}

/** The daemon: whatever is due, and /metrics. Ends by signal only. */
export async function runBackupSchedule(scheduled: Scheduled): Promise<void> {
  const { settings, continuous, offsite, config } = scheduled
  const { backupsFolder } = settings
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'backup' })
  const lanes = lanesOf(await createBackupJobs(settings, continuous, config, logger), scheduled)
  const jobs = lanes.flat()
  const counts = createJobCounts()
  const readers = createBackupMetrics({
    scheduled: jobs.map(({ name }) => name),
    counts,
    continuous,
    offsite,
    isEncrypted: settings.encryption.isOn,
  })
  const server = createMetricsServer(backupsFolder, readers)
  const address = {
    key: 'BACKUP_METRICS',
    host: config.BACKUP_METRICS_HOST,
    port: config.BACKUP_METRICS_PORT,
  }
  const port = await listen(server, address)
  const stop = new AbortController()
  const { signal } = stop
  const loops = Promise.all(
    lanes.map((lane) => runJobs({ jobs: lane, backupsFolder, logger, counts, signal, lookEveryMs })),
  )
  endOnSignal(logger, async () => {
    stop.abort()
    await loops
    server.closeAllConnections()
    server.close()
  })
  logger.info({ metrics_port: port, jobs: jobs.map(({ name }) => name) }, 'waiting for the next backup')
  await loops
}
