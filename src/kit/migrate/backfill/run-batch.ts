import type { Session } from '../open-session.ts'
import { type BackfillState, literal, readState, saveState } from './backfill-state.ts'
import type { KeyColumn } from './load-key.ts'
import type { Backfill } from './parse-backfill.ts'

export interface BatchResult {
  /** Rows that the batch has walked past, changed or not. */
  passed: number
  changed: number
  isFinished: boolean
}

/** One transaction: the next `size` rows along the key, and how far it has come, both or neither. */
export async function runBatch(
  session: Session,
  backfill: Backfill,
  key: readonly KeyColumn[],
  size: number,
): Promise<BatchResult> {
  await session.run("begin; set local lock_timeout = '500ms'; set local statement_timeout = '30s'")
  try {
    const result = await advance(session, backfill, key, size)
    await session.run('commit')
    return result
  } catch (err) {
    await session.run('rollback').catch(() => undefined)
    throw err
  }
}

async function advance(
  session: Session,
  backfill: Backfill,
  key: readonly KeyColumn[],
  size: number,
): Promise<BatchResult> {
  const state = await readState(session, backfill.name, { lock: true })
  if (!state || state.isFinished) return { passed: 0, changed: 0, isFinished: true }
  const bound = await findBound(session, backfill, key, state, size)
  const changed = await changeRange(session, backfill, key, state.lastKey, bound.lastKey)
  const isFinished = bound.passed < size
  await saveState(session, backfill.name, { ...bound, changed, isFinished })
  return { passed: bound.passed, changed, isFinished }
}

/** The key of the last row of the batch, found in the index alone. */
async function findBound(
  session: Session,
  { table }: Backfill,
  key: readonly KeyColumn[],
  { lastKey }: BackfillState,
  size: number,
): Promise<{ lastKey: string[] | null; passed: number }> {
  const names = key.map(({ name }) => name).join(', ')
  const texts = key.map(({ name }, index) => `${name}::text as k${index}`).join(', ')
  const after = lastKey === null ? '' : `where ${compare('', key, '>', lastKey)}`
  const [last] = await session.run<Record<string, unknown>>(
    `with batch as (select ${names} from ${table} ${after} order by ${names} limit ${size})
     select ${texts}, (select count(*)::int from batch) as passed
     from batch order by ${key.map(({ name }) => `batch.${name} desc`).join(', ')} limit 1`,
  )
  if (last === undefined) return { lastKey: null, passed: 0 }
  return { lastKey: key.map((_, index) => String(last[`k${index}`])), passed: Number(last['passed']) }
}

async function changeRange(
  session: Session,
  { head, condition, alias }: Backfill,
  key: readonly KeyColumn[],
  from: string[] | null,
  to: string[] | null,
): Promise<number> {
  if (to === null) return 0
  const range = [compare(`${alias}.`, key, '<=', to)]
  if (from !== null) range.push(compare(`${alias}.`, key, '>', from))
  const [row] = await session.run<{ changed: number }>(
    `with changed as (${head} (${condition}\n) and ${range.join(' and ')} returning 1)
     select count(*)::int as changed from changed`,
  )
  return row?.changed ?? 0
}

/** Row comparison, so that a key of several columns is walked in its own order. */
function compare(
  prefix: string,
  key: readonly KeyColumn[],
  operator: '>' | '<=',
  values: readonly string[],
): string {
  const names = key.map(({ name }) => `${prefix}${name}`).join(', ')
  const literals = key.map(({ type }, index) => `${literal(values[index] ?? '')}::${type}`).join(', ')
  return `(${names}) ${operator} (${literals})`
}
