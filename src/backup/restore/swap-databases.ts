import { pgError } from '../../db/pg-error.ts'
import type { DatabaseSettings } from '../../db/postgres-options.ts'
import { BackupError } from '../backup-error.ts'
import type { RestoreNames } from './database-names.ts'
import { withSession, type Session } from '../session.ts'
import { sqlIdentifier } from '../sql-identifier.ts'

/** Nobody can rename the database it is connected to; this one is in every cluster. */
export const maintenanceDatabase = 'postgres'

const cutIntervalMs = 50

/** Superusers can be cut by superusers only; the rename then says that somebody is there. */
const cutSessions = (session: Session, database: string): Promise<unknown> =>
  session`
    select pg_terminate_backend(a.pid) from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
    where a.datname = ${database} and a.pid <> pg_backend_pid() and not r.rolsuper`

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const rename = async (session: Session, { live, fresh, previous }: RestoreNames): Promise<void> => {
  await session`begin`
  await session.unsafe(`ALTER DATABASE ${sqlIdentifier(live)} RENAME TO ${sqlIdentifier(previous)}`)
  await session.unsafe(`ALTER DATABASE ${sqlIdentifier(fresh)} RENAME TO ${sqlIdentifier(live)}`)
  await session`commit`
}

const explainSwap = (renaming: unknown, cutting: unknown): unknown => {
  if (pgError(cutting)?.sqlState === '42501') {
    const hint = 'GRANT pg_signal_backend TO migrator, as ops/postgres/roles.sql does; then try again'
    return new BackupError(
      'failed',
      'the role of the restore may not end the sessions of others',
      hint,
      cutting,
    )
  }
  if (pgError(renaming)?.sqlState !== '55006') return renaming
  const hint = 'close the sessions of superusers (make psql) and try again'
  return new BackupError('busy', 'sessions of a superuser keep the live database open', hint, renaming)
}

/**
 * Both names change in one transaction, or none does, whenever this process dies. The rename itself holds up new
 * connections and waits 5 s for the others to leave: they are cut from a second session meanwhile, over and over,
 * because a pool comes back within milliseconds until the rename has its lock.
 */
export const swapDatabases = (
  settings: DatabaseSettings,
  names: RestoreNames,
  lockTimeoutMs: number,
): Promise<void> => {
  const maintenance = { settings, database: maintenanceDatabase, lockTimeoutMs }
  return withSession(maintenance, (renamer) =>
    withSession(maintenance, async (cutter) => {
      let isDone = false
      const renamed = rename(renamer, names).finally(() => {
        isDone = true
      })
      const cutting = cutUntil(cutter, names.live, () => isDone)
      const [renaming, cut] = await Promise.allSettled([renamed, cutting])
      if (renaming.status === 'rejected')
        throw explainSwap(renaming.reason, cut.status === 'rejected' ? cut.reason : undefined)
    }),
  )
}

const cutUntil = async (session: Session, database: string, isDone: () => boolean): Promise<void> => {
  // The login role, not the owner it acts as, is the one that may signal other sessions.
  await session`set role none`
  while (!isDone()) {
    await cutSessions(session, database)
    await pause(cutIntervalMs)
  }
}
