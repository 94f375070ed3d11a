import type { BackupSettings } from '../backup/portable/create-backup.ts'
import { createMetricsServer } from '../backup/create-metrics-server.ts'
import { parseSchedule } from '../backup/schedule/is-backup-due.ts'
import { scheduleBackups } from '../backup/schedule/schedule-backups.ts'
import type { Config } from '../config/load.ts'
import { createLogger } from '../telemetry/logger.ts'
import { endOnSignal } from './end-on-signal.ts'
import { listen } from './listen.ts'

const lookEveryMs = 60_000

/** The daemon: a backup whenever one is due, and /metrics. Ends by signal only. */
export const runBackupSchedule = async (
  settings: BackupSettings,
  config: Config<'backup'>,
): Promise<void> => {
  const schedule = parseSchedule(config.BACKUP_SCHEDULE)
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'backup' })
  const counts = { ok: 0, failed: 0 }
  const server = createMetricsServer(settings.backupsFolder, counts)
  const address = {
    key: 'BACKUP_METRICS',
    host: config.BACKUP_METRICS_HOST,
    port: config.BACKUP_METRICS_PORT,
  }
  const port = await listen(server, address)
  const stop = new AbortController()
  const loop = scheduleBackups({ schedule, settings, logger, counts, signal: stop.signal, lookEveryMs })
  endOnSignal(logger, async () => {
    stop.abort()
    await loop
    server.closeAllConnections()
    server.close()
  })
  logger.info({ metrics_port: port, schedule: config.BACKUP_SCHEDULE }, 'waiting for the next backup')
  await loop
}
