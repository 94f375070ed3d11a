import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../error-code.ts'
import { openSession, type Session, type SessionSettings } from '../open-session.ts'
import { planOperations, type PlannedOperation } from './plan-operations.ts'
import type { SeededTable } from './seed-table.ts'

export interface Operation {
  table: string
  kind: 'read' | 'write'
  /** What it is, in the plural: reads, updates, upserts on (id). */
  label: string
  /** performance.now() at its begin and end. */
  begin: number
  end: number
  /** SQLSTATE, `rows_missing` when a row that exists was not seen, `defaults_missing` when a default gave NULL. */
  error: string | undefined
}

export interface Traffic {
  operations: Operation[]
  /** Operations that fail without any migration and are left out, with their reason. */
  skipped: string[]
  /** Resolves when every worker has begun and ended one more operation than now. */
  settle: () => Promise<void>
  /** Runs each planned operation once more on rows of other numbers. */
  verify: () => Promise<void>
  close: () => Promise<void>
}

interface KnownOperation extends PlannedOperation {
  /** NULLs among the columns that were left out, before the migration. */
  nulls: number | undefined
}

interface Worker {
  operations: KnownOperation[]
  done: number
}

const pauseMs = 10
const settleDeadlineMs = 30_000
/** A table's readers and its writers have a connection each, as long as there are so many. */
const mostConnections = 80
const verifiedTurns = [50, 51, 52]

/** Readers and writers on every table, as the version before the migration would talk to it. */
export async function openTraffic(
  settings: SessionSettings,
  tables: readonly SeededTable[],
  connections = mostConnections,
): Promise<Traffic> {
  const operations: Operation[] = []
  const probe = await openSession(settings)
  const { known, skipped } = await tryOperations(probe, tables)
  const workers = workersFor(known, connections)
  const stop = new AbortController()
  const loops = workers.map((worker) => loop(settings, worker, operations, stop.signal))
  return {
    operations,
    skipped,
    settle: () => settle(workers),
    verify: async () => {
      for (const turn of verifiedTurns)
        for (const each of known) operations.push(await operate(probe, each, turn))
    },
    close: async () => {
      stop.abort()
      await Promise.all(loops)
      await probe.close()
    },
  }
}

async function tryOperations(
  probe: Session,
  tables: readonly SeededTable[],
): Promise<{ known: KnownOperation[]; skipped: string[] }> {
  const known: KnownOperation[] = []
  const skipped: string[] = []
  for (const table of tables) {
    const planned = planOperations(table)
    if (planned.length === 0) skipped.push(`${table.name}: ${table.reason ?? 'no rows'}`)
    for (const each of planned) {
      const { error, nulls } = await outcomeOf(probe, each, 0)
      if (error === undefined) known.push({ ...each, nulls })
      // Rows that refer to it, as they should.
      else if (each.label === 'deletes' && error === '23503') continue
      else skipped.push(`${table.name}: ${each.label} fail without the migration, with ${error}`)
    }
  }
  return { known, skipped }
}

function workersFor(known: readonly KnownOperation[], connections: number): Worker[] {
  const groups = [...Map.groupBy(known, ({ table, kind }) => `${kind} ${table}`).values()]
  const workers = groups.slice(0, connections).map((): Worker => ({ operations: [], done: 0 }))
  for (const [index, group] of groups.entries()) workers[index % connections]?.operations.push(...group)
  return workers
}

async function loop(
  settings: SessionSettings,
  worker: Worker,
  operations: Operation[],
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(settings)
  for (let turn = 0; !signal.aborted; turn++) {
    const operation = worker.operations[turn % worker.operations.length]
    if (operation) operations.push(await operate(session, operation, turn))
    worker.done += 1
    await sleep(pauseMs)
  }
  await session.close()
}

async function operate(session: Session, operation: KnownOperation, turn: number): Promise<Operation> {
  const { table, kind, label } = operation
  const begin = performance.now()
  const { error, nulls } = await outcomeOf(session, operation, turn)
  const isShort = error === undefined && (nulls ?? 0) > (operation.nulls ?? 0)
  return { table, kind, label, begin, end: performance.now(), error: isShort ? 'defaults_missing' : error }
}

interface Outcome {
  error: string | undefined
  nulls?: number | undefined
}

/** Writes are undone, so that the traffic can go on for as long as it likes; constraints are checked all the same. */
async function outcomeOf(session: Session, { kind, sql }: PlannedOperation, turn: number): Promise<Outcome> {
  try {
    const begin = kind === 'write' ? 'begin; ' : ''
    const [row] = await session.run<{ nulls?: number }>(`${begin}${sql(turn)}`)
    if (kind === 'write') await session.run('set constraints all immediate; rollback')
    return row === undefined ? { error: 'rows_missing' } : { error: undefined, nulls: row.nulls }
  } catch (err) {
    if (kind === 'write') await session.run('rollback').catch(() => undefined)
    return { error: errorCode(err) }
  }
}

async function settle(workers: readonly Worker[]): Promise<void> {
  const goals = workers.map((worker) => ({ worker, done: worker.done + 2 }))
  const deadline = performance.now() + settleDeadlineMs
  while (goals.some(({ worker, done }) => worker.done < done) && performance.now() < deadline)
    await sleep(pauseMs)
}
