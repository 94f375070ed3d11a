import { setTimeout as pause } from 'node:timers/promises'
import type { ServerSettings } from '../../postgres/postgres-options.ts'
import { CommandError } from '../../errors.ts'
import { withSession, type Session } from '../../postgres/session.ts'

/** Two transactions on the live server and a time between their commits. */
export interface Marks {
  /** Transaction ids. */
  before: string
  after: string
  /** Time of the server clock, in microseconds. */
  moment: string
}

interface Mark {
  transaction: string
  segment: string
}

const archivedWithinMs = 90_000
const prefix = 'slipway_drill'

/**
 * Writes a message to the WAL in a transaction of its own, and changes no table. Each server that has
 * replayed the commit reports it by pg_xact_status(), which reads the commit log that decides the
 * visibility of rows.
 */
async function writeMark(session: Session, text: string): Promise<Mark> {
  const [row] = await session<Mark[]>`
    select pg_current_xact_id()::text as transaction,
      pg_walfile_name(pg_logical_emit_message(true, ${prefix}, ${text})) as segment`
  if (row === undefined) throw new Error('pg_logical_emit_message() returned no row')
  return row
}

async function readClock(session: Session): Promise<string> {
  const [row] = await session<{ now: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`
  return row?.now ?? ''
}

async function isArchived(session: Session, segment: string): Promise<boolean> {
  const [row] = await session<{ archived: boolean }[]>`
    select coalesce(last_archived_wal >= ${segment} collate "C", false) as archived from pg_stat_archiver`
  return row?.archived === true
}

/** Waits for the regular archiving: a forced WAL switch would hide the real RPO. */
async function untilArchived(session: Session, segment: string, signal?: AbortSignal): Promise<void> {
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

/** Commits two transactions and returns once the archive contains both. Throws CommandError. */
export function writeSentinels(database: ServerSettings, signal?: AbortSignal): Promise<Marks> {
  return withSession({ settings: database, lockTimeoutMs: 5_000 }, async (session) => {
    const before = await writeMark(session, 'before')
    const moment = await readClock(session)
    const after = await writeMark(session, 'after')
    await untilArchived(session, after.segment, signal)
    return { before: before.transaction, moment, after: after.transaction }
  })
}
