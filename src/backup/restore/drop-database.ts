import type { Session } from '../session.ts'
import { sqlIdentifier } from '../sql-identifier.ts'

/** From another database, and as the login role: it alone may end the sessions that a killed restore left behind. */
export const dropDatabase = async (session: Session, name: string): Promise<void> => {
  await session`set role none`
  await session.unsafe(`DROP DATABASE IF EXISTS ${sqlIdentifier(name)} WITH (FORCE)`)
  await session`reset role`
}
