import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../error-code.ts'
import { CommandError } from '../../errors.ts'
import type { Session } from '../open-session.ts'
import type { BackfillSettings } from './backfill-settings.ts'
import { literal } from './backfill-state.ts'
import { loadKey } from './load-key.ts'
import type { Backfill } from './parse-backfill.ts'
import { type BatchResult, runBatch } from './run-batch.ts'

const mostRetries = 20
const passing = new Set(['55P03', '40P01', '40001', '57014'])

/** Batch after batch until the end or the signal, with pauses in between. */
export async function walkRows(
  backfill: Backfill,
  settings: BackfillSettings,
  passedBefore: number,
): Promise<BatchResult> {
  const { session, batchSize, pauseMs, report, signal } = settings
  const key = await loadKey(session, backfill)
  const estimate = await estimateRows(session, backfill)
  const total = { passed: 0, changed: 0, isFinished: false }
  while (!total.isFinished && signal?.aborted !== true) {
    const startedAt = performance.now()
    const batch = await withRetries(backfill, settings, () => runBatch(session, backfill, key, batchSize))
    if (batch === undefined) break
    total.passed += batch.passed
    total.changed += batch.changed
    total.isFinished = batch.isFinished
    const ms = Math.round(performance.now() - startedAt)
    const percent = total.isFinished ? 100 : percentOf(passedBefore + total.passed, estimate)
    const { passed, changed } = total
    report({
      event: 'backfill_progress',
      msg: 'batch committed',
      backfill: backfill.name,
      passed,
      changed,
      percent,
      ms,
    })
    if (!total.isFinished) await pause(Math.max(pauseMs, ms), signal)
  }
  return total
}

/** Returns the planner's estimate; -1 for a table that was never analyzed. */
async function estimateRows(session: Session, { table }: Backfill): Promise<number> {
  const [row] = await session.run<{ rows: number }>(
    `select reltuples::float8 as rows from pg_class where oid = to_regclass(${literal(table)})`,
  )
  return row?.rows ?? -1
}

function percentOf(passed: number, estimate: number): number {
  return Math.min(99, Math.floor((100 * passed) / Math.max(1, estimate)))
}

/** undefined when the signal came while it waited. */
async function withRetries(
  backfill: Backfill,
  { report, signal }: BackfillSettings,
  work: () => Promise<BatchResult>,
): Promise<BatchResult | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (err) {
      const code = errorCode(err)
      if (!passing.has(code) || attempt === mostRetries) throw failed(backfill.name, err)
      const msg = 'rows are locked by others; nothing of the batch stays, it will be tried again'
      report({ event: 'backfill_retry', msg, backfill: backfill.name, attempt, sql_state: code })
    }
    await pause(Math.random() * Math.min(2_000, 100 * 2 ** attempt), signal)
    if (signal?.aborted === true) return undefined
  }
}

function failed(name: string, cause: unknown): CommandError {
  const code = errorCode(cause)
  return new CommandError('failed', `backfill ${name} failed with SQLSTATE ${code}`, {
    hint: 'earlier batches stay; correct the cause and run it again: it goes on from the batch that failed',
    cause,
    fields: { backfill: name, sql_state: code },
  })
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  // Waking up early is all that the signal means here.
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
