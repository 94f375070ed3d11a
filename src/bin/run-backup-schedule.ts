import type { BackupSettings } from '../backup/portable/create-backup.ts'
import { createConfigCopyJob } from '../backup/config-archive/config-copy-job.ts'
import { createConfigMetrics } from '../backup/config-archive/config-metrics.ts'
import { createMetricsServer } from '../backup/create-metrics-server.ts'
import { readDrillMetrics } from '../backup/drill/drill-metrics.ts'
import { createContinuousMetrics } from '../backup/continuous/continuous-metrics.ts'
import type { ContinuousSettings } from '../backup/continuous/continuous-settings.ts'
import type { MetricsReader } from '../backup/metric-family.ts'
import { readKeyTestMetrics } from '../backup/encryption/key-test-state.ts'
import { createCopyJob } from '../backup/offsite/copy-job.ts'
import { createOffsiteMetrics } from '../backup/offsite/offsite-metrics.ts'
import type { OffsiteSettings } from '../backup/offsite/offsite-settings.ts'
import { readStoredMetrics } from '../backup/portable/stored-metrics.ts'
import { createJobCounts, type JobCounts } from '../backup/schedule/job-counts.ts'
import { createJobMetrics } from '../backup/schedule/job-metrics.ts'
import type { Job } from '../backup/schedule/job.ts'
import { runJobs } from '../backup/schedule/run-jobs.ts'
import type { Config } from '../config/load.ts'
import { createLogger } from '../telemetry/logger.ts'
import { createBackupJobs } from './backup-jobs.ts'
import { endOnSignal } from './end-on-signal.ts'
import { listen } from './listen.ts'

const lookEveryMs = 60_000

export interface Scheduled {
  settings: BackupSettings
  continuous: ContinuousSettings
  offsite: OffsiteSettings | undefined
  config: Config<'backup'>
}

/** Each room reads its own figures; a new one stands in this list and nowhere else. */
const metricsReaders = (
  jobs: Job[],
  counts: JobCounts,
  { settings, continuous, offsite }: Scheduled,
): MetricsReader[] => [
  readStoredMetrics,
  readKeyTestMetrics,
  readDrillMetrics,
  createContinuousMetrics(continuous),
  createOffsiteMetrics(offsite),
  createConfigMetrics(settings.encryption.isOn),
  createJobMetrics(
    jobs.map(({ name }) => name),
    counts,
  ),
]

/** What talks to the storage off-site goes beside the others and not in turn with them: a slow one must not put off the next dump. */
const lanesOf = (jobs: Job[], { settings, offsite }: Scheduled): Job[][] => {
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
export const runBackupSchedule = async (scheduled: Scheduled): Promise<void> => {
  const { settings, continuous, config } = scheduled
  const { backupsFolder } = settings
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'backup' })
  const lanes = lanesOf(await createBackupJobs(settings, continuous, config, logger), scheduled)
  const jobs = lanes.flat()
  const counts = createJobCounts()
  const server = createMetricsServer(backupsFolder, metricsReaders(jobs, counts, scheduled))
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
