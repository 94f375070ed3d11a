import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../error-code.ts'
import { openSession, type Session, type SessionSettings } from '../open-session.ts'
import { ident, insertSql, type RowRecipe, type SeededTable } from './seed-table.ts'
import { spareRows } from './seed-tables.ts'

export interface Operation {
  table: string
  kind: 'read' | 'write'
  /** performance.now() at its begin and end. */
  begin: number
  end: number
  /** SQLSTATE, or `rows_missing` when a row that exists was not seen. */
  error: string | undefined
}

export interface Traffic {
  operations: Operation[]
  /** Operations that fail without any migration and are left out, with their reason. */
  skipped: string[]
  /** Resolves when every worker has begun and ended one more operation than now. */
  settle: () => Promise<void>
  close: () => Promise<void>
}

interface Worker {
  table: string
  kind: Operation['kind']
  /** The statements it takes in turn, by running number. */
  statements: ((turn: number) => string)[]
  done: number
}

const pauseMs = 10
const settleDeadlineMs = 30_000

/** One reader and one writer per table, as the version before the migration would talk to it: every column by name. */
export async function openTraffic(
  settings: SessionSettings,
  tables: readonly SeededTable[],
): Promise<Traffic> {
  const operations: Operation[] = []
  const probe = await openSession(settings)
  const { workers, skipped } = await planWorkers(probe, tables).finally(() => probe.close())
  const stop = new AbortController()
  const loops = workers.map((worker) => loop(settings, worker, operations, stop.signal))
  return {
    operations,
    skipped,
    settle: () => settle(workers),
    close: async () => {
      stop.abort()
      await Promise.all(loops)
    },
  }
}

async function planWorkers(
  probe: Session,
  tables: readonly SeededTable[],
): Promise<{ workers: Worker[]; skipped: string[] }> {
  const workers: Worker[] = []
  const skipped: string[] = []
  for (const table of tables) {
    if (!table.recipe || table.rows === 0) {
      skipped.push(`${table.name}: ${table.reason ?? 'no rows'}`)
      continue
    }
    for (const kind of ['read', 'write'] as const) {
      const worker: Worker = { table: table.name, kind, statements: [], done: 0 }
      for (const statement of kind === 'read' ? [readSql(table)] : writeSqls(table)) {
        const { error } = await operate(probe, worker, statement(0))
        if (error === undefined) worker.statements.push(statement)
        else skipped.push(`${table.name}: ${kind} fails by itself with ${error}`)
      }
      if (worker.statements.length > 0) workers.push(worker)
    }
  }
  return { workers, skipped }
}

function keyCondition(table: SeededTable, turn: number): string {
  const number = String(1 + ((turn * 7919) % Math.max(1, table.rows)))
  const keys = table.primaryKey.map(
    (name) => `${ident(name)} = ${table.recipe?.get(name)?.(number) ?? 'null'}`,
  )
  return table.isOurs && keys.length > 0 ? keys.join(' and ') : `ctid = (select min(ctid) from ${table.name})`
}

function readSql(table: SeededTable): (turn: number) => string {
  const columns = table.columns.map(({ name }) => ident(name)).join(', ')
  return (turn) => `select ${columns} from ${table.name} where ${keyCondition(table, turn)}`
}

function writeSqls(table: SeededTable): ((turn: number) => string)[] {
  const column = table.columns.find(({ isKey, isGenerated }) => !isKey && !isGenerated)
  const name = column && ident(column.name)
  const update = (turn: number): string =>
    `update ${table.name} set ${name} = ${name} where ${keyCondition(table, turn)} returning 1`
  return [...(name === undefined ? [] : [update]), (turn) => insertAndUndo(table, turn)]
}

/** Undone, so that the traffic can go on for as long as it likes; constraints are checked all the same. */
function insertAndUndo(table: SeededTable, turn: number): string {
  const number = table.rows + 1 + (turn % spareRows)
  const recipe: RowRecipe = table.recipe ?? new Map<string, (i: string) => string>()
  const from = `(values (${number}::bigint)) as numbers(i)`
  return `begin; ${insertSql(table.name, recipe, from)} returning 1; rollback`
}

async function loop(
  settings: SessionSettings,
  worker: Worker,
  operations: Operation[],
  signal: AbortSignal,
): Promise<void> {
  const session = await openSession(settings)
  for (let turn = 0; !signal.aborted; turn++) {
    const statement = worker.statements[turn % worker.statements.length]
    if (statement) operations.push(await operate(session, worker, statement(turn)))
    worker.done += 1
    await sleep(pauseMs)
  }
  await session.close()
}

async function operate(
  session: Session,
  { table, kind }: Pick<Worker, 'table' | 'kind'>,
  text: string,
): Promise<Operation> {
  const begin = performance.now()
  const error = await failureOf(session, text)
  return { table, kind, begin, end: performance.now(), error }
}

async function failureOf(session: Session, text: string): Promise<string | undefined> {
  try {
    const rows = await session.run(text)
    // The last result of an undone insert is that of ROLLBACK.
    return rows.length === 0 && !text.startsWith('begin') ? 'rows_missing' : undefined
  } catch (err) {
    if (text.startsWith('begin')) await session.run('rollback').catch(() => undefined)
    return errorCode(err)
  }
}

async function settle(workers: readonly Worker[]): Promise<void> {
  const goals = workers.map((worker) => ({ worker, done: worker.done + 2 * worker.statements.length }))
  const deadline = performance.now() + settleDeadlineMs
  while (goals.some(({ worker, done }) => worker.done < done) && performance.now() < deadline)
    await sleep(pauseMs)
}
