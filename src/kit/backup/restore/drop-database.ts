import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'

/**
 * Drops a database. Runs in another database and as the login role: only that role may terminate the
 * sessions of a killed restore.
 */
export async function dropDatabase(session: Session, name: string): Promise<void> {
  await session`set role none`
  await session.unsafe(`DROP DATABASE IF EXISTS ${sqlIdentifier(name)} WITH (FORCE)`)
  await session`reset role`
}
