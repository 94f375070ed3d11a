import { pgError } from '../../postgres/pg-error.ts'
import { CommandError } from '../../errors.ts'
import type { RestoreNames } from './database-names.ts'
import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import type { RestoreSessions } from './restore-sessions.ts'

type SwapSessions = Pick<RestoreSessions, 'server' | 'cutter' | 'liveState'>

const cutIntervalMs = 50

/** Only a superuser may terminate the session of a superuser; the rename then reports the open session. */
function cutSessions(session: Session, databases: string[]): Promise<unknown> {
  return session`
    select pg_terminate_backend(a.pid) from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
    where a.datname = any(${databases}) and a.pid <> pg_backend_pid() and not r.rolsuper`
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function rename(
  session: Session,
  { live, fresh, previous }: RestoreNames,
  hasLive: boolean,
): Promise<void> {
  await session`begin`
  try {
    if (hasLive)
      await session.unsafe(`ALTER DATABASE ${sqlIdentifier(live)} RENAME TO ${sqlIdentifier(previous)}`)
    await session.unsafe(`ALTER DATABASE ${sqlIdentifier(fresh)} RENAME TO ${sqlIdentifier(live)}`)
    await session`commit`
  } catch (err) {
    // A terminated session has already rolled back.
    await session`rollback`.catch(() => undefined)
    throw err
  }
}

function explainSwap(renaming: unknown, cutting: unknown): unknown {
  if (pgError(cutting)?.sqlState === '42501') {
    const hint = 'GRANT pg_signal_backend TO migrator, as ops/postgres/roles.sql does; then try again'
    return new CommandError('failed', 'the role of the restore may not end the sessions of others', {
      hint,
      cause: cutting,
    })
  }
  if (pgError(renaming)?.sqlState !== '55006') return renaming
  const hint = 'close the sessions of superusers (make psql) and try again'
  return new CommandError('busy', 'sessions of a superuser keep the live database open', {
    hint,
    cause: renaming,
  })
}

/**
 * Renames both databases in one transaction. The rename blocks new connections and waits 5 s for open
 * ones. A second session terminates those in a loop, because connection pools reconnect within
 * milliseconds until the rename holds its lock.
 */
export async function swapDatabases(
  { server, cutter, liveState }: SwapSessions,
  names: RestoreNames,
): Promise<void> {
  let isDone = false
  const renamed = rename(server, names, liveState !== 'missing').finally(() => {
    isDone = true
  })
  const [renaming, cut] = await Promise.allSettled([renamed, cutUntil(cutter, names, () => isDone)])
  if (renaming.status === 'rejected')
    throw explainSwap(renaming.reason, cut.status === 'rejected' ? cut.reason : undefined)
}

async function cutUntil(session: Session, names: RestoreNames, isDone: () => boolean): Promise<void> {
  // The login role may terminate sessions; the owner role it assumes may not.
  await session`set role none`
  while (!isDone()) {
    await cutSessions(session, [names.live, names.fresh])
    await pause(cutIntervalMs)
  }
}
