import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'

/** From another database, and as the login role: it alone may end the sessions that a killed restore left behind. */
export async function dropDatabase(session: Session, name: string): Promise<void> {
  await session`set role none`
  await session.unsafe(`DROP DATABASE IF EXISTS ${sqlIdentifier(name)} WITH (FORCE)`)
  await session`reset role`
}
