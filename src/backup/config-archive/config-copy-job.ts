import type { OffsitePlace } from '../offsite/offsite-settings.ts'
import type { Job } from '../schedule/job.ts'
import { readKnownArchives } from './archive-copies.ts'
import { configFolderOf, listArchives } from './archive-files.ts'
import { copyArchives } from './copy-archives.ts'

/** Asked every minute, so it goes by what is known of the storage and does not ask it. */
export const createConfigCopyJob = (place: OffsitePlace): Job => ({
  name: 'config_copy',
  isDue: async () => {
    const [newest] = await listArchives(configFolderOf(place.backupsFolder))
    const known = await readKnownArchives(place.backupsFolder, place.offsite)
    return newest !== undefined && !known.includes(newest)
  },
  run: async (signal) => ({ copied: await copyArchives(place, signal) }),
})
