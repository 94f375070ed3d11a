import type { Sql } from 'postgres'
import type { ArchivedServer } from './archived-server.ts'

/** Starts a server of its own in a restored folder, as the live one will be, and asks it. */
export async function readRestored<T>(
  server: ArchivedServer,
  folder: string,
  ask: (sql: Sql) => PromiseLike<T>,
): Promise<T> {
  const beside = await server.startBeside(folder)
  try {
    return await ask(beside.sql)
  } finally {
    await beside.stop()
  }
}
