import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContinuousSettings } from './continuous-settings.ts'
import { segmentBytes } from './wal-segment.ts'

/**
 * Returns the bytes of WAL that wait for the archive, counted by the `.ready` files of the server. Returns
 * 0 without a data folder.
 */
export async function readQueueBytes({ dataFolder }: ContinuousSettings): Promise<number> {
  const marks = await readdir(join(dataFolder, 'pg_wal', 'archive_status')).catch(() => [])
  return marks.filter((name) => name.endsWith('.ready')).length * segmentBytes
}
