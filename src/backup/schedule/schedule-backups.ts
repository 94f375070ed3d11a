import { setTimeout as pause } from 'node:timers/promises'
import type { Cron } from 'croner'
import type { Logger } from '../../telemetry/logger.ts'
import type { BackupSettings } from '../portable/create-backup.ts'
import { explainFault } from '../explain-fault.ts'
import { isBackupDue } from './is-backup-due.ts'
import { runBackup } from '../portable/run-backup.ts'
import { listStoredBackups } from '../portable/stored-backup.ts'

export interface RunCounts {
  ok: number
  failed: number
}

interface ScheduleOptions {
  schedule: Cron
  settings: BackupSettings
  logger: Logger
  counts: RunCounts
  /** Ends the loop and the backup under way. */
  signal: AbortSignal
  lookEveryMs: number
}

const newestOf = async (backupsFolder: string): Promise<Date | undefined> => {
  const manifest = (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)?.manifest
  return manifest === undefined ? undefined : new Date(manifest.createdAt)
}

const takeBackup = async ({ settings, logger, counts, signal }: ScheduleOptions): Promise<boolean> => {
  try {
    const { manifest, pruned } = await runBackup(settings, signal)
    counts.ok += 1
    const { name, durationMs, dump } = manifest
    logger.info(
      { name, duration_ms: durationMs, bytes: dump.bytes, sha256: dump.sha256, pruned },
      'backup taken',
    )
    return true
  } catch (err) {
    const { fault, publicMessage, hint } = explainFault(err)
    if (fault === 'cancelled') return false
    counts.failed += 1
    logger.error({ fault, reason: publicMessage, hint }, 'backup failed')
    return false
  }
}

/**
 * Looks every minute whether a backup is due; returns when `signal` is aborted. The first look comes after the first
 * minute: on a fresh stack the migrations come before the first backup.
 */
export const scheduleBackups = async (options: ScheduleOptions): Promise<void> => {
  const { schedule, settings, signal, lookEveryMs } = options
  let failed: Date | undefined
  for (;;) {
    await pause(lookEveryMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const newest = await newestOf(settings.backupsFolder)
    if (isBackupDue(schedule, { now: new Date(), newest, failed })) {
      failed = (await takeBackup(options)) ? undefined : new Date()
    }
  }
}
