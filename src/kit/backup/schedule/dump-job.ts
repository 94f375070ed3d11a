import { createBackup, type BackupSettings } from '../portable/create-backup.ts'
import { listStoredBackups } from '../portable/stored-backup.ts'
import { isDueByCron, type CronDue } from '../jobs/cron-due.ts'
import { giveWay } from './yield-to-migration.ts'
import type { Job } from '../jobs/job.ts'

/** When the backups that are intact were taken, as their manifests say and whoever took them. */
async function takenAt(backupsFolder: string): Promise<Date[]> {
  return (await listStoredBackups(backupsFolder)).flatMap(({ fault, manifest }) =>
    fault === undefined && manifest !== undefined ? [new Date(manifest.createdAt)] : [],
  )
}

/** The portable backup. One that was taken by hand counts as well. */
export function createDumpJob(settings: BackupSettings, cron: CronDue): Job {
  return {
    name: 'portable_dump',
    isDue: async (now, state) => {
      // The server's clock dates the manifests: were it ahead of ours, each would look like one of the future.
      const noted = state?.succeededAt === undefined ? [] : [new Date(state.succeededAt)]
      return isDueByCron(cron, now, [...(await takenAt(settings.backupsFolder)), ...noted])
    },
    run: async (signal) => {
      const { manifest, pruned } = await giveWay(settings, signal, (stop) =>
        createBackup(settings, { reason: 'scheduled', signal: stop }),
      )
      const { name, durationMs, dump } = manifest
      return { name, duration_ms: durationMs, bytes: dump.bytes, sha256: dump.sha256, pruned }
    },
  }
}
