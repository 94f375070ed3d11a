import { randomUUID } from 'node:crypto'
import { openDatabase, type Database, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { user } from '../../../../src/kit/db/schema/auth-tables.ts'
import { createTestDatabase } from '../../../kit/support/test-database.ts'
import { poolSettings } from '../../../kit/support/pool-settings.ts'

export interface Travel {
  db: Database
  /** A user of its own for every test, so that none sees the rows of another. */
  addUser: () => Promise<string>
  /** A second pool on the same database, with other parameters behind the URL. */
  openAgain: (parameters: string) => DatabaseHandle
  close: () => Promise<void>
}

/** A fresh database, entered as `app`, as the API does. */
export async function openTravel(): Promise<Travel> {
  const database = await createTestDatabase({ application: 'mounted' })
  const openAgain = (parameters: string) =>
    openDatabase({ ...poolSettings, url: `${database.urlFor('app')}${parameters}` })
  const { db, close } = openAgain('')
  return {
    db,
    addUser: async () => {
      const id = randomUUID()
      await db.insert(user).values({ id, name: 'Zoë "O\'Hara" 100%', email: `${id}@example.com` })
      return id
    },
    openAgain,
    close: async () => {
      await close()
      await database.close()
    },
  }
}
