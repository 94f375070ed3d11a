import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContinuousSettings } from './continuous-settings.ts'
import { segmentBytes } from './wal-segment.ts'

/** How much WAL waits for the archive: the server leaves a mark for each segment. 0 without a data folder. */
export const readQueueBytes = async ({ dataFolder }: ContinuousSettings): Promise<number> => {
  const marks = await readdir(join(dataFolder, 'pg_wal', 'archive_status')).catch(() => [])
  return marks.filter((name) => name.endsWith('.ready')).length * segmentBytes
}
