import { setTimeout as pause } from 'node:timers/promises'
import type { ServerSettings } from '../../postgres/postgres-options.ts'
import { CommandError } from '../../errors.ts'
import { waitingLock } from '../../postgres/lock-ids.ts'
import { withSession, type Session } from '../../postgres/session.ts'

interface Ways {
  database: ServerSettings
  lockTimeoutMs: number
}

const askEveryMs = 1_000

async function isMigrationWaiting(session: Session): Promise<boolean> {
  const [row] = await session<{ isWaiting: boolean }[]>`
    select exists (
      select from pg_locks where locktype = 'advisory' and granted and objsubid = 2
        and classid = ${waitingLock.classId} and objid = ${waitingLock.objectId}
        and database = (select oid from pg_database where datname = current_database())) as "isWaiting"`
  return row?.isWaiting === true
}

/** Resolves when a migration waits or `signal` is aborted. */
function watch({ database, lockTimeoutMs }: Ways, signal: AbortSignal): Promise<boolean> {
  return withSession({ settings: database, lockTimeoutMs, signal }, async (session) => {
    for (;;) {
      await pause(askEveryMs, undefined, { signal })
      if (await isMigrationWaiting(session)) return true
    }
  })
}

function gaveWay(): CommandError {
  return new CommandError('busy', 'a migration waits for the lock, and a scheduled backup gives way to it', {
    hint: 'it comes again by itself',
  })
}

/**
 * Runs `work` and aborts it when a migration waits for the lock. For scheduled work only: manual backups,
 * and backups before a migration or a restore, run to their end.
 */
export async function yieldToMigration<T>(
  ways: Ways,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const yielding = new AbortController()
  // Without a database the check fails; `work` then reports the better error.
  const watching = watch(ways, AbortSignal.any([over.signal, signal])).then(
    (isWaiting) => isWaiting && yielding.abort(),
    () => undefined,
  )
  try {
    return await work(AbortSignal.any([signal, yielding.signal]))
  } catch (err) {
    if (yielding.signal.aborted && !signal.aborted) throw gaveWay()
    throw err
  } finally {
    over.abort()
    await watching
  }
}
