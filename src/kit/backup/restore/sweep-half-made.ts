import { listDatabaseNames } from '../portable/database-facts.ts'
import { namesMadeFrom } from './database-names.ts'
import { dropDatabase } from './drop-database.ts'
import type { RestoreSessions } from './restore-sessions.ts'

/** Drops the databases of killed restores. The caller holds the restore lock, so none of them is in use. */
export async function sweepHalfMade({ server, liveName }: RestoreSessions): Promise<void> {
  for (const name of namesMadeFrom(liveName, 'restore', await listDatabaseNames(server)))
    await dropDatabase(server, name)
}

/** Lets `fill` create database `name`. Drops it when that fails, and throws the error of `fill`. */
export async function dropUnlessFilled<T>(
  { server }: RestoreSessions,
  name: string,
  fill: () => Promise<T>,
): Promise<T> {
  try {
    return await fill()
  } catch (reason) {
    // Keep the first error. When the server is gone, the next restore drops the database.
    await dropDatabase(server, name).catch(() => undefined)
    throw reason
  }
}
