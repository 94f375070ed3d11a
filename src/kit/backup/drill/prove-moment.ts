import { setTimeout as pause } from 'node:timers/promises'
import { withSession, type Session } from '../../postgres/session.ts'
import { refuseDifferences } from './drill-difference.ts'
import type { ContinuousRequest } from './drill-protocol.ts'
import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { ownServer } from '../../postgres/own-server.ts'

/** For a transaction id beyond the snapshot pg_xact_status() would fail; this query returns `not there`. */
async function stateOf(session: Session, transaction: string): Promise<string> {
  const [row] = await session<{ state: string | null }[]>`
    select case when ${transaction}::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) then 'not there'
      else pg_xact_status(${transaction}::xid8) end as state`
  return row?.state ?? 'forgotten'
}

async function untilPaused(session: Session, signal: AbortSignal): Promise<void> {
  for (;;) {
    const [row] = await session<{ state: string }[]>`select pg_get_wal_replay_pause_state() as state`
    if (row?.state === 'paused') return
    await pause(50, undefined, { signal })
  }
}

async function isAfter(session: Session, moment: string): Promise<boolean> {
  const [row] = await session<{ late: boolean | null }[]>`
    select pg_last_xact_replay_timestamp() >= ${moment}::text::timestamptz as late`
  return row?.late === true
}

async function momentDifferences(session: Session, { moment, before, after }: ContinuousRequest) {
  const [first, second] = [await stateOf(session, before), await stateOf(session, after)]
  return [
    ...(first === 'committed' ? [] : [`the write before ${moment} is ${first} at that moment`]),
    ...(second === 'committed' ? [`the write after ${moment} is there at that moment`] : []),
    ...((await isAfter(session, moment)) ? [`a commit after ${moment} is there at that moment`] : []),
  ]
}

function onServer<T>(
  server: DisposableServer,
  database: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession(
    {
      settings: ownServer(server.urlFor('postgres', database), 'slipway-drill'),
      lockTimeoutMs: 0,
    },
    use,
  )
}

/**
 * Verifies that the server, paused at the moment, contains the write before it and not the one after it.
 * Throws DrillDifference.
 */
export function proveMoment(
  server: DisposableServer,
  request: ContinuousRequest,
  signal: AbortSignal,
): Promise<void> {
  return onServer(server, request.database, async (session) => {
    await untilPaused(session, signal)
    refuseDifferences(await momentDifferences(session, request))
  })
}

/**
 * Verifies that the end of the archive contains both writes. Returns the commit time of the newest
 * transaction.
 */
export function proveEnd(server: DisposableServer, request: ContinuousRequest): Promise<Date | undefined> {
  return onServer(server, request.database, async (session) => {
    const states = [await stateOf(session, request.before), await stateOf(session, request.after)]
    refuseDifferences(
      states.every((state) => state === 'committed')
        ? []
        : [`writes that the archive had taken in are ${states.join(' and ')} at its end`],
    )
    const [row] = await session<{ at: Date | null }[]>`select pg_last_xact_replay_timestamp() as at`
    return row?.at ?? undefined
  })
}
