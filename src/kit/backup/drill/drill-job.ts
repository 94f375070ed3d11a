import { isDueByCron, type CronDue } from '../jobs/cron-due.ts'
import type { Job } from '../jobs/job.ts'
import type { DrillSettings } from './drill-settings.ts'
import type { DrillTarget } from './run-drill.ts'
import { runDrills } from './run-drills.ts'
import { isNewestUndrilled } from '../portable/schema-proof.ts'

/**
 * Creates the job that drills the newest backup of each kind. A new schema is drilled at once. A
 * successful manual drill counts as well.
 */
export function createDrillJob(
  settings: Omit<DrillSettings, 'signal'>,
  targets: DrillTarget[],
  cron: CronDue,
): Job {
  return {
    name: 'drill',
    isDue: async (now, state) =>
      isDueByCron(cron, now, state?.succeededAt === undefined ? [] : [new Date(state.succeededAt)]) ||
      (await isNewestUndrilled(settings.backupsFolder)),
    run: async (signal) => {
      const records = await runDrills({ ...settings, signal }, targets, () => undefined)
      return Object.fromEntries(records.map(({ kind, subject }) => [kind, subject]))
    },
  }
}
