import type { Row } from 'postgres'
import type { Session } from '../open-session.ts'
import type { MigrationFile } from '../read-migrations.ts'
import type { LockSampler } from './open-lock-sampler.ts'
import { type HeldLock, type Snapshot, takeSnapshot } from './take-snapshot.ts'

/** What one statement did, as the server counts it. */
export interface ObservedStatement {
  /** From 1, as the breakpoints count. */
  statement: number
  /** performance.now() */
  begin: number
  end: number
  before: Snapshot
  /** undefined when the statement failed. */
  after: Snapshot | undefined
  /** Seen from outside, for what runs in no transaction of ours. */
  sampled: HeldLock[]
  error: unknown
}

export interface ObservedSession extends Session {
  observed: () => ObservedStatement[]
}

/** What PostgreSQL refuses to run inside a transaction block. */
const outsideOnly = /\b(concurrently|vacuum)\b/i

/** The runner's session with eyes: it takes a snapshot before and after each statement of the file, in its transaction. */
export function observeSession(inner: Session, file: MigrationFile, sampler: LockSampler): ObservedSession {
  let observed: ObservedStatement[] = []
  const run = async <T extends Row>(text: string): Promise<T[]> => {
    // A retry after a lock timeout begins anew, and so does the record.
    if (text.startsWith('begin;')) observed = []
    const statement = file.statements.indexOf(text, observed.at(-1)?.statement ?? 0) + 1
    if (statement === 0) return inner.run<T>(text)
    const record: ObservedStatement = { statement, ...(await beginRecord(inner)) }
    observed.push(record)
    // The counters of a transaction are only readable inside it.
    const isWrapped = !file.isTransactional && !outsideOnly.test(text)
    if (isWrapped) return inTransaction(inner, () => runRecorded<T>(inner, text, record))
    if (file.isTransactional) return runRecorded<T>(inner, text, record)
    return sampler.during(inner.pid, record.sampled, () => runRecorded<T>(inner, text, record))
  }
  return { ...inner, run, observed: () => observed }
}

async function beginRecord(inner: Session): Promise<Omit<ObservedStatement, 'statement'>> {
  const before = await takeSnapshot(inner)
  const now = performance.now()
  return { begin: now, end: now, before, after: undefined, sampled: [], error: undefined }
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
): Promise<T[]> {
  record.begin = performance.now()
  try {
    const rows = await inner.run<T>(text)
    record.end = performance.now()
    record.after = await takeSnapshot(inner)
    return rows
  } catch (err) {
    record.end = performance.now()
    record.error = err
    throw err
  }
}
