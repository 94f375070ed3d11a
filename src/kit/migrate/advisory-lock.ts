import { advisoryLock, waitingLock } from '../postgres/lock-ids.ts'
import type { Report } from './event.ts'
import { CommandError } from '../errors.ts'
import type { Session } from './open-session.ts'

export interface LockPatience {
  waitMs: number
  report: Report
  signal?: AbortSignal | undefined
}

interface Holder {
  pid: number
  application_name: string | null
  held_for_s: number | null
}

const key = `${advisoryLock.classId}, ${advisoryLock.objectId}`
const reportEveryMs = 15_000

/** True when this session holds the lock: behind a pooler in transaction mode another session may. */
export const isLockHeldSql = `exists (
  select from pg_locks where locktype = 'advisory' and granted and pid = pg_backend_pid()
    and classid = ${advisoryLock.classId} and objid = ${advisoryLock.objectId} and objsubid = 2)`

async function findHolder(session: Session): Promise<Holder | undefined> {
  const [holder] = await session.run<Holder & Record<string, unknown>>(
    // Runs as the login role: `owner` may not see the age of another migrator's session.
    `begin; set local role none;
     select l.pid, a.application_name, extract(epoch from now() - a.backend_start)::int as held_for_s
     from pg_locks l left join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted and l.classid = ${advisoryLock.classId}
       and l.objid = ${advisoryLock.objectId} and l.objsubid = 2
       and l.database = (select oid from pg_database where datname = current_database())
     limit 1;
     commit`,
  )
  return holder
}

function describeHolder(holder: Holder | undefined): Record<string, unknown> {
  return holder === undefined
    ? {}
    : {
        holder_pid: holder.pid,
        holder_application: holder.application_name,
        holder_age_seconds: holder.held_for_s,
      }
}

function busy(waitMs: number, holder: Holder | undefined): CommandError {
  return new CommandError(
    'busy',
    `another process held the migration lock for all of ${waitMs} ms${holder === undefined ? '' : ` (pid ${holder.pid}, ${holder.application_name ?? 'unnamed'})`}`,
    {
      hint: 'wait for that migration or dump to end, or end it with pg_terminate_backend, then run this again',
      fields: describeHolder(holder),
    },
  )
}

/**
 * Pauses between two attempts and announces the wait by a lock. It uses a transaction of its own, so that the
 * announcement ends with the pause even when this process dies, also behind a pooler in transaction mode.
 */
async function pauseAnnounced(session: Session, seconds: number): Promise<void> {
  await session.run(
    `begin; select pg_advisory_xact_lock_shared(${waitingLock.classId}, ${waitingLock.objectId});
     select pg_sleep(${seconds}); commit`,
  )
}

/**
 * Takes the lock by polling. A waiter that blocks in pg_advisory_lock holds a snapshot, and a concurrent index build
 * of the holder waits for every older snapshot: the two would deadlock.
 */
export async function takeAdvisoryLock(session: Session, patience: LockPatience): Promise<void> {
  const startedAt = performance.now()
  let reportAtMs = 1_000
  for (;;) {
    const [row] = await session.run<{ taken: boolean }>(`select pg_try_advisory_lock(${key}) as taken`)
    if (row?.taken === true) return
    const spentMs = performance.now() - startedAt
    if (spentMs >= patience.waitMs) throw busy(patience.waitMs, await findHolder(session))
    if (spentMs >= reportAtMs) {
      reportAtMs = spentMs + reportEveryMs
      const fields = { ms: Math.round(spentMs), ...describeHolder(await findHolder(session)) }
      patience.report({ event: 'lock_wait', msg: 'another process holds the migration lock', ...fields })
    }
    patience.signal?.throwIfAborted()
    await pauseAnnounced(session, 0.05 + Math.random() * 0.15)
  }
}

/** Creates the error for a run whose advisory lock is gone. */
export function lockLost(): CommandError {
  return new CommandError('lock_lost', 'this session no longer holds the migration lock', {
    hint: 'connect straight to PostgreSQL, not through a pooler in transaction mode, then run this again',
  })
}

/** Throws CommandError `lock_lost` unless this session still holds the lock. */
export async function assertLockHeld(session: Session): Promise<void> {
  const [row] = await session.run<{ held: boolean }>(`select ${isLockHeldSql} as held`)
  if (row?.held !== true) throw lockLost()
}

/** Releases the lock of this session. */
export async function releaseAdvisoryLock(session: Session): Promise<void> {
  await session.run(`select pg_advisory_unlock(${key})`)
}
