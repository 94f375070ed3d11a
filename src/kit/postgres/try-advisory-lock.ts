import { CommandError } from '../errors.ts'
import { advisoryLock } from './lock-ids.ts'
import type { Session } from './session.ts'

/**
 * Tries the migrations' lock and throws CommandError `busy` when it is held: a migration would queue behind the locks
 * of a dump, and readers behind the migration. Held until the session closes. It never waits, because a waiting
 * statement would block a concurrent index build.
 */
export async function takeAdvisoryLock(session: Session): Promise<void> {
  const [row] = await session<{ taken: boolean }[]>`
    select pg_try_advisory_lock(${advisoryLock.classId}, ${advisoryLock.objectId}) as taken`
  if (row?.taken === true) return
  throw new CommandError('busy', 'a migration, a backup or a restore of this database is running', {
    hint: 'wait until it has ended and try again',
  })
}
