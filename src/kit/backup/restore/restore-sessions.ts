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

/** Nobody can rename the database it is connected to; this one is in every cluster. */
export const maintenanceDatabase = 'postgres'

/** One restore at a time in a cluster, also of those that touch nothing live: each sweeps what killed ones have left. */
const restoreLock = { classId: advisoryLock.classId, objectId: 3 } as const

/** What a connection to a database answers that is listed and cannot be used: its files are gone or damaged. */
const brokenStates = new Set(['3D000', 'XX000', 'XX001', 'XX002', '58P01', '58030', '55000'])

export type LiveState = 'well' | 'broken' | 'missing'

export interface RestoreSessions {
  /** In the maintenance database: works whatever has become of the live one. */
  server: Session
  /** A second one there, opened beforehand: when the names are swapped, a storm of clients may leave no room for it. */
  cutter: Session
  liveName: string
  liveState: LiveState
  /** To be called before the names are swapped: whoever holds the lock of the live database is connected to it. */
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

/** By opening it once: a database that is listed may have lost its files. */
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

/** `exclusive` keeps migrations and dumps away from the live database; nobody can be at work in one that is broken. */
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
