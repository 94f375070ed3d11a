import type { Row } from 'postgres'
import type { Session } from '../open-session.ts'
import type { MigrationFile } from '../read-migrations.ts'
import type { LockSampler } from './open-lock-sampler.ts'
import { type CatalogFacts, readCatalogFacts } from './catalog-facts.ts'
import { type HeldLock, type Snapshot, takeSnapshot } from './take-snapshot.ts'

/** Effects of one statement, as the server counts them. */
export interface ObservedStatement {
  /** From 1, as the breakpoints count. */
  statement: number
  text: string
  /** performance.now() */
  begin: number
  end: number
  before: Snapshot
  /** undefined when the statement failed. */
  after: Snapshot | undefined
  /** Seen from outside, for what runs in no transaction of ours. */
  sampled: HeldLock[]
  /** Before it and after it; equal when the statement failed. */
  catalog: { before: CatalogFacts; after: CatalogFacts }
  /** Rows of tables, by oid, that other sessions cannot change until the transaction ends. */
  lockedRows: { oid: number; rows: number }[]
  error: unknown
}

export interface ObservedSession extends Session {
  observed: () => ObservedStatement[]
}

/** Statements that PostgreSQL refuses inside a transaction block. */
const outsideOnly = /\b(concurrently|vacuum)\b/i

/** The runner's session with eyes: it takes a snapshot before and after each statement of the file, in its transaction. */
export function observeSession(inner: Session, file: MigrationFile, sampler: LockSampler): ObservedSession {
  let observed: ObservedStatement[] = []
  const run = async <T extends Row>(text: string): Promise<T[]> => {
    // A retry after a lock timeout begins anew, and so does the record.
    if (text.startsWith('begin;')) observed = []
    const statement = file.statements.indexOf(text, observed.at(-1)?.statement ?? 0) + 1
    if (statement === 0) return inner.run<T>(text)
    const record = await beginRecord(inner, { statement, text }, observed.at(-1))
    observed.push(record)
    // The counters of a transaction are only readable inside it.
    const isWrapped = !file.isTransactional && !outsideOnly.test(text)
    const work = (): Promise<T[]> => runRecorded<T>(inner, text, record, sampler)
    if (isWrapped) return inTransaction(inner, work)
    if (file.isTransactional) return work()
    return sampler.during(inner.pid, record.sampled, work)
  }
  return { ...inner, run, observed: () => observed }
}

async function beginRecord(
  inner: Session,
  part: { statement: number; text: string },
  last: ObservedStatement | undefined,
): Promise<ObservedStatement> {
  const catalog = last?.catalog.after ?? (await readCatalogFacts(inner))
  const before = await takeSnapshot(inner)
  const now = performance.now()
  return {
    ...part,
    begin: now,
    end: now,
    before,
    after: undefined,
    sampled: [],
    catalog: { before: catalog, after: catalog },
    lockedRows: [],
    error: undefined,
  }
}

async function inTransaction<T>(inner: Session, work: () => Promise<T>): Promise<T> {
  await inner.run('begin')
  try {
    const result = await work()
    await inner.run('commit')
    return result
  } catch (err) {
    await inner.run('rollback')
    throw err
  }
}

async function runRecorded<T extends Row>(
  inner: Session,
  text: string,
  record: ObservedStatement,
  sampler: LockSampler,
): Promise<T[]> {
  record.begin = performance.now()
  try {
    const rows = await inner.run<T>(text)
    record.end = performance.now()
    record.after = await takeSnapshot(inner)
    record.catalog = { ...record.catalog, after: await readCatalogFacts(inner) }
    record.lockedRows = await sampler.countLockedRows(newlyRowLocked(record.before, record.after))
    return rows
  } catch (err) {
    record.end = performance.now()
    record.error = err
    throw err
  }
}

/** SELECT ... FOR UPDATE and its like take ROW SHARE on the table. */
function newlyRowLocked(before: Snapshot, after: Snapshot): { oid: number; table: string }[] {
  const shared = (locks: readonly HeldLock[]) => locks.filter(({ mode }) => mode === 'RowShareLock')
  const had = new Set(shared(before.locks).map(({ oid }) => oid))
  const now = new Set(shared(after.locks).map(({ oid }) => oid))
  return after.counters.filter(({ oid }) => now.has(oid) && !had.has(oid))
}
