import { createBackup, type BackupSettings } from '../portable/create-backup.ts'
import { listStoredBackups } from '../portable/stored-backup.ts'
import { isDueByCron, type CronDue } from '../jobs/cron-due.ts'
import { yieldToMigration } from './yield-to-migration.ts'
import type { Job } from '../jobs/job.ts'

/** Snapshot times of the intact backups, from their manifests. */
async function takenAt(backupsFolder: string): Promise<Date[]> {
  return (await listStoredBackups(backupsFolder)).flatMap(({ fault, manifest }) =>
    fault === undefined && manifest !== undefined ? [new Date(manifest.createdAt)] : [],
  )
}

/** Creates the job of the portable backup. A manual backup counts as well. */
export function createDumpJob(settings: BackupSettings, cron: CronDue): Job {
  return {
    name: 'portable_dump',
    isDue: async (now, state) => {
      // Manifests have the time of the server's clock. If it is ahead, they are ignored as future; the
      // job's own state is not.
      const noted = state?.succeededAt === undefined ? [] : [new Date(state.succeededAt)]
      return isDueByCron(cron, now, [...(await takenAt(settings.backupsFolder)), ...noted])
    },
    run: async (signal) => {
      const { manifest, pruned } = await yieldToMigration(settings, signal, (stop) =>
        createBackup(settings, { reason: 'scheduled', signal: stop }),
      )
      const { name, durationMs, dump } = manifest
      return { name, duration_ms: durationMs, bytes: dump.bytes, sha256: dump.sha256, pruned }
    },
  }
}
