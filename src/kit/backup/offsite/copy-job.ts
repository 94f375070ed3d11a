import { listStoredBackups } from '../portable/stored-backup.ts'
import type { KeepCounts } from '../portable/choose-expired.ts'
import type { Job } from '../jobs/job.ts'
import { checkCopies, stalestCopy } from './check-copies.ts'
import { choosePending } from './choose-pending.ts'
import type { OffsitePlace } from './offsite-settings.ts'
import { runCopies } from './run-copies.ts'

/**
 * Creates the job that copies one backup per run, newest first, then verifies the copy with the oldest
 * verification.
 */
export function createCopyJob(place: OffsitePlace, keep: KeepCounts): Job {
  return {
    name: 'offsite_copy',
    isDue: async () => {
      const stored = await listStoredBackups(place.backupsFolder)
      return (await choosePending(place, stored, keep)).length > 0
    },
    run: async (signal) => {
      const { copied, pruned, pruneFault } = await runCopies(place, { keep, limit: 1, signal })
      const name = await stalestCopy(place, new Date(), signal)
      const checked =
        name === undefined ? [] : await checkCopies(place, { name, report: () => undefined, signal })
      return {
        copied,
        pruned,
        prune_fault: pruneFault?.publicMessage,
        checked: checked.map((each) => each.name),
      }
    },
  }
}
