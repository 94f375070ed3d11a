import { setTimeout as pause } from 'node:timers/promises'
import type { ServerSettings } from '../../postgres/postgres-options.ts'
import { CommandError } from '../../errors.ts'
import { withSession, type Session } from '../../postgres/session.ts'

/** Two writes of our own to the live server, and a moment between them. */
export interface Marks {
  /** Transactions, by their number. */
  before: string
  after: string
  /** By the server's clock, to the microsecond. */
  moment: string
}

interface Mark {
  transaction: string
  segment: string
}

const archivedWithinMs = 90_000
const prefix = 'slipway_drill'

/**
 * A transaction that leaves a message in the WAL and touches no table. That it was committed is known to every server that
 * has replayed it: pg_xact_status() asks the same commit log that decides which rows are seen.
 */
const writeMark = async (session: Session, text: string): Promise<Mark> => {
  const [row] = await session<Mark[]>`
    select pg_current_xact_id()::text as transaction,
      pg_walfile_name(pg_logical_emit_message(true, ${prefix}, ${text})) as segment`
  if (row === undefined) throw new Error('pg_logical_emit_message() returned no row')
  return row
}

const readClock = async (session: Session): Promise<string> => {
  const [row] = await session<{ now: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`
  return row?.now ?? ''
}

const isArchived = async (session: Session, segment: string): Promise<boolean> => {
  const [row] = await session<{ archived: boolean }[]>`
    select coalesce(last_archived_wal >= ${segment} collate "C", false) as archived from pg_stat_archiver`
  return row?.archived === true
}

/** Left to come by itself: sent along at once, it would say nothing about what is lost on a bad day. */
const untilArchived = async (session: Session, segment: string, signal?: AbortSignal): Promise<void> => {
  const deadline = Date.now() + archivedWithinMs
  while (!(await isArchived(session, segment))) {
    if (Date.now() > deadline) {
      throw new CommandError(
        'archive',
        `what was written did not come into the archive within ${archivedWithinMs / 1_000} s (${segment})`,
        { hint: 'docs/runbooks/ArchiveStalled.md' },
      )
    }
    await pause(250, undefined, signal === undefined ? {} : { signal })
  }
}

/** Returns once both writes are in the archive. */
export const writeMarks = (database: ServerSettings, signal?: AbortSignal): Promise<Marks> =>
  withSession({ settings: database, lockTimeoutMs: 5_000 }, async (session) => {
    const before = await writeMark(session, 'before')
    const moment = await readClock(session)
    const after = await writeMark(session, 'after')
    await untilArchived(session, after.segment, signal)
    return { before: before.transaction, moment, after: after.transaction }
  })
