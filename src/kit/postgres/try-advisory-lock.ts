import { CommandError } from '../errors.ts'
import { advisoryLock } from './lock-ids.ts'
import type { Session } from './session.ts'

/**
 * The same lock as the migrations': a dump holds locks that a migration would queue behind, and readers behind that.
 * Held until the session closes. Only ever tried: a statement that waits would hold up an index that is built meanwhile.
 */
export async function takeAdvisoryLock(session: Session): Promise<void> {
  const [row] = await session<{ taken: boolean }[]>`
    select pg_try_advisory_lock(${advisoryLock.classId}, ${advisoryLock.objectId}) as taken`
  if (row?.taken === true) return
  throw new CommandError('busy', 'a migration, a backup or a restore of this database is running', {
    hint: 'wait until it has ended and try again',
  })
}
