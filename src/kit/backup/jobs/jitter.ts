import { randomInt } from 'node:crypto'
import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const seedRange = 1_000_000
const seedSchema = z.object({ seed: z.int().nonnegative().lt(seedRange) })

/**
 * How much later than the schedule says this installation does its work, so that many of them do not reach one storage
 * in the same second. Drawn once and remembered beside the backups: a fresh draw for each run would make gaps of
 * uneven length, and the name of the host is another one after every start of a container.
 */
export const readJitterMs = async (backupsFolder: string, jitterSeconds: number): Promise<number> => {
  const known = await readState(backupsFolder, 'jitter', seedSchema)
  const { seed } = known ?? { seed: randomInt(seedRange) }
  if (known === undefined) await writeState(backupsFolder, 'jitter', { seed })
  return Math.floor((seed / seedRange) * jitterSeconds * 1_000)
}
