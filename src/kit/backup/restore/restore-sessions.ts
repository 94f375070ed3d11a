import { pgError } from '../../postgres/pg-error.ts'
import type { ServerSettings } from '../../postgres/postgres-options.ts'
import { advisoryLock } from '../../postgres/lock-ids.ts'
import { takeAdvisoryLock } from '../../postgres/try-advisory-lock.ts'
import { CommandError } from '../../errors.ts'
import {
  backendOf,
  refuseAnotherBackend,
  withSession,
  type Session,
  type SessionOptions,
} from '../../postgres/session.ts'

/** A database cannot be renamed from a session in it; every cluster has this one. */
export const maintenanceDatabase = 'postgres'

/** One restore at a time per cluster, `restoreBeside` included: each one drops what killed restores left. */
const restoreLock = { classId: advisoryLock.classId, objectId: 3 } as const

/** SQLSTATEs of a connection to a listed database whose files are missing or damaged. */
const brokenStates = new Set(['3D000', 'XX000', 'XX001', 'XX002', '58P01', '58030', '55000'])

export type LiveState = 'well' | 'broken' | 'missing'

export interface RestoreSessions {
  /** Session in the maintenance database, usable without the live one. */
  server: Session
  /** Second session there, opened early: during the swap clients may use up all connections. */
  cutter: Session
  liveName: string
  liveState: LiveState
  /**
   * Closes the session that holds the lock of the live database. Call it before the swap, which needs the
   * database without sessions.
   */
  leaveLive: () => Promise<void>
}

export interface SessionSettings {
  database: ServerSettings
  lockTimeoutMs: number
}

function nameOf({ url }: ServerSettings): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

async function takeRestoreLock(server: Session): Promise<void> {
  const [row] = await server<{ taken: boolean }[]>`
    select pg_try_advisory_lock(${restoreLock.classId}, ${restoreLock.objectId}) as taken`
  if (row?.taken === true) return
  throw new CommandError('busy', 'another restore is running', {
    hint: 'wait until it has ended and try again',
  })
}

/** Opens a session to find out: a listed database may have lost its files. */
async function stateOf(server: Session, live: SessionOptions, name: string): Promise<LiveState> {
  const [listed] = await server`select from pg_database where datname = ${name}`
  if (listed === undefined) return 'missing'
  try {
    await withSession(live, (session) => session`select count(*) from pg_class`)
    return 'well'
  } catch (err) {
    if (brokenStates.has(pgError(err)?.sqlState ?? '')) return 'broken'
    throw err
  }
}

async function holdLive(live: Session): Promise<() => Promise<void>> {
  await takeAdvisoryLock(live)
  const backend = await backendOf(live)
  return async () => {
    await refuseAnotherBackend(live, backend)
    await live.end({ timeout: 5 })
  }
}

/**
 * Opens the sessions of a restore. `exclusive` locks out migrations and dumps of the live database, unless
 * it is broken or missing. Throws CommandError `busy`.
 */
export function withRestoreSessions<T>(
  { database, lockTimeoutMs }: SessionSettings,
  lock: 'none' | 'beside' | 'exclusive',
  use: (sessions: RestoreSessions) => Promise<T>,
): Promise<T> {
  const live = { settings: database, lockTimeoutMs }
  const maintenance = { ...live, database: maintenanceDatabase }
  const liveName = nameOf(database)
  return withSession(maintenance, (server) =>
    withSession(maintenance, async (cutter) => {
      if (lock !== 'none') await takeRestoreLock(server)
      const liveState = await stateOf(server, live, liveName)
      const sessions = { server, cutter, liveName, liveState }
      if (lock !== 'exclusive' || liveState !== 'well')
        return use({ ...sessions, leaveLive: () => Promise.resolve() })
      return withSession(live, async (held) => use({ ...sessions, leaveLive: await holdLive(held) }))
    }),
  )
}
