import { listDatabaseNames } from '../portable/database-facts.ts'
import { namesMadeFrom } from './database-names.ts'
import { dropDatabase } from './drop-database.ts'
import type { RestoreSessions } from './restore-sessions.ts'

/** What killed restores have left; under the lock of the restores, so that it is nobody's work in progress. */
export async function sweepHalfMade({ server, liveName }: RestoreSessions): Promise<void> {
  for (const name of namesMadeFrom(liveName, 'restore', await listDatabaseNames(server)))
    await dropDatabase(server, name)
}

/** Lets `fill` make database `name` and drops it when that fails, with the reason of the failure. */
export async function dropUnlessFilled<T>(
  { server }: RestoreSessions,
  name: string,
  fill: () => Promise<T>,
): Promise<T> {
  try {
    return await fill()
  } catch (reason) {
    // With the server gone the reason matters more; the next restore sweeps what is left.
    await dropDatabase(server, name).catch(() => undefined)
    throw reason
  }
}
