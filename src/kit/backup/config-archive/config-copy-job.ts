import type { OffsitePlace } from '../offsite/offsite-settings.ts'
import { readPruneState } from '../offsite/prune-state.ts'
import type { Job } from '../jobs/job.ts'
import { readKnownArchives } from './archive-copies.ts'
import { listArchives } from './archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'
import { copyArchives } from './copy-archives.ts'

const removalRetryMs = 3_600_000

async function isUncopied({ offsite, backupsFolder }: OffsitePlace): Promise<boolean> {
  const [newest] = await listArchives(configFolderOf(backupsFolder))
  const known = await readKnownArchives(backupsFolder, offsite)
  return newest !== undefined && !known.includes(newest)
}

async function isRemovalDue(place: OffsitePlace, now: Date): Promise<boolean> {
  const state = await readPruneState(place, 'config')
  return state?.fault !== undefined && now.getTime() - Date.parse(state.at) >= removalRetryMs
}

/**
 * Creates the job that copies archives off-site. `isDue` runs every minute and reads only the local state,
 * not the storage.
 */
export function createConfigCopyJob(place: OffsitePlace): Job {
  return {
    name: 'config_copy',
    isDue: async (now) => (await isUncopied(place)) || (await isRemovalDue(place, now)),
    run: async (signal) => {
      const { copied, pruned, pruneFault } = await copyArchives(place, signal)
      return { copied, pruned, prune_fault: pruneFault?.publicMessage }
    },
  }
}
