import type { DatabaseSettings } from '../../db/postgres-options.ts'
import { withSession, type Session } from '../session.ts'
import { sqlIdentifier } from '../sql-identifier.ts'
import { maintenanceDatabase } from './swap-databases.ts'

/** As the login role: it alone may end the sessions that a killed restore left behind. */
export const dropDatabase = async (session: Session, name: string): Promise<void> => {
  await session`set role none`
  await session.unsafe(`DROP DATABASE IF EXISTS ${sqlIdentifier(name)} WITH (FORCE)`)
  await session`reset role`
}

/** For a database that the settings may point at: nobody can drop the one it is connected to. */
export const dropDatabaseFromOutside = (
  settings: DatabaseSettings,
  name: string,
  lockTimeoutMs: number,
): Promise<void> =>
  withSession({ settings, database: maintenanceDatabase, lockTimeoutMs }, (session) =>
    dropDatabase(session, name),
  )
