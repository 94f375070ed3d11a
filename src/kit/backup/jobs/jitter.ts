import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const seedRange = 1_000_000
const seedSchema = z.object({ seed: z.int().nonnegative().lt(seedRange) })

/**
 * Returns the delay of this installation after the scheduled time, in ms, so that many installations do
 * not reach one storage in the same second. Stored in the backups folder: a new value for each run would
 * make the intervals uneven, and the host name changes with each container.
 */
export async function readJitterMs(backupsFolder: string, jitterSeconds: number): Promise<number> {
  const known = await readState(backupsFolder, 'jitter', seedSchema)
  const { seed } = known ?? { seed: randomInt(seedRange) }
  if (known === undefined) await writeState(backupsFolder, 'jitter', { seed })
  return Math.floor((seed / seedRange) * jitterSeconds * 1_000)
}
