import { CommandError } from '../../errors.ts'
import type { Session } from '../open-session.ts'
import { beginState, createStateTable, literal, readState } from './backfill-state.ts'
import type { BackfillSettings } from './backfill-settings.ts'
import type { Backfill } from './parse-backfill.ts'
import { walkRows } from './walk-rows.ts'

export interface BackfillResult {
  passed: number
  changed: number
  /** Rows that the WHERE still finds, at most `mostRemaining`: written meanwhile, or never matched by the change. */
  remaining: number
  isFinished: boolean
}

const mostRemaining = 1_000

/** Walks along the primary key until the end or the signal; what is committed is never done again. */
export async function runBackfill(backfill: Backfill, settings: BackfillSettings): Promise<BackfillResult> {
  const { session, report } = settings
  await lockName(session, backfill.name)
  await createStateTable(session)
  const passedBefore = await prepareState(backfill, settings)
  if (passedBefore === undefined) {
    report({ event: 'backfill_present', msg: 'it has finished before', backfill: backfill.name })
    return { passed: 0, changed: 0, remaining: 0, isFinished: true }
  }
  const done = await walkRows(backfill, settings, passedBefore)
  const remaining = done.isFinished ? await countRemaining(session, backfill) : 0
  const event = done.isFinished ? 'backfill_done' : 'backfill_stopped'
  const msg = done.isFinished
    ? 'passed every row'
    : 'stopped between two batches; the next run goes on from here'
  report({ event, msg, backfill: backfill.name, passed: done.passed, changed: done.changed, remaining })
  return { ...done, remaining }
}

/** Locks the name until the session ends: a second run of the same backfill would gain nothing. */
async function lockName(session: Session, name: string): Promise<void> {
  const key = `hashtextextended(${literal(`slipway backfill ${name}`)}, 0)`
  const [row] = await session.run<{ taken: boolean }>(`select pg_try_advisory_lock(${key}) as taken`)
  if (row?.taken === true) return
  throw new CommandError('busy', `another process runs backfill ${name}`, {
    hint: 'wait for it, or stop that one first: it keeps what it has done',
  })
}

/** Returns how many rows earlier runs have passed; undefined when no row is left. */
async function prepareState(
  backfill: Backfill,
  { session, restart, report }: BackfillSettings,
): Promise<number | undefined> {
  const state = await readState(session, backfill.name)
  if (state && restart !== true) {
    if (state.hash !== backfill.hash) throw edited(backfill.name)
    if (state.isFinished) return undefined
  } else await beginState(session, backfill)
  const passed = restart === true ? 0 : (state?.passed ?? 0)
  const msg = passed > 0 ? 'going on where the last run stopped' : 'starting'
  report({ event: 'backfill_begin', msg, backfill: backfill.name, passed })
  return passed
}

function edited(name: string): CommandError {
  return new CommandError('edited', `backfill ${name} was changed after it had begun`, {
    hint: 'put the file back, or write a new one; --restart runs the changed one over every row again',
  })
}

async function countRemaining(
  session: Session,
  { table, alias, condition, head }: Backfill,
): Promise<number> {
  // With FROM or USING the condition refers to other tables, so only the walk can tell.
  if (/\b(from|using)\b/i.test(head.replace(/^\s*delete\s+from/i, ''))) return 0
  const [row] = await session.run<{ remaining: number }>(
    `select count(*)::int as remaining from (select 1 from ${table} as ${alias} where ${condition}\n limit ${mostRemaining}) as rest`,
  )
  return row?.remaining ?? 0
}
