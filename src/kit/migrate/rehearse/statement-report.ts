import { errorCode } from '../error-code.ts'
import { splitStatements } from '../sql/split-statements.ts'
import type { ObservedStatement } from './observe-session.ts'
import type { Operation } from './open-traffic.ts'
import type { Counter, HeldLock } from './take-snapshot.ts'

export interface CountedTable {
  table: string
  rows: number
}

/** A table or partition that was there before the file. */
export interface KnownTable {
  oid: number
  name: string
  rows: number
}

export interface StatementReport {
  /** From 1, as the breakpoints count. */
  statement: number
  ms: number
  /** Taken by this statement, on tables that were there before the file. */
  locks: { table: string; mode: string }[]
  rewritten: string[]
  /** Tables read from end to end; `blocking` while the transaction held a lock that keeps writers out. */
  scanned: (CountedTable & { blocking: boolean })[]
  changed: CountedTable[]
  /** Rows written to tables that the file itself makes, read from tables that were there before. */
  copied: CountedTable[]
  /** It holds at least one statement that defines an object. */
  changesSchema: boolean
  /** Rows that the transaction has locked with SELECT ... FOR UPDATE and its like. */
  lockedRows: CountedTable[]
  longestReadMs: number
  longestWriteMs: number
  trafficErrors: number
  /** SQLSTATE. */
  error: string | undefined
}

export const blockingModes = new Set([
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
])

/** Turns what was counted into what a reader of the report wants to know; `tables` were there before the file. */
export function reportStatement(
  observed: ObservedStatement,
  tables: readonly KnownTable[],
  operations: readonly Operation[],
): StatementReport {
  const nameOf = new Map(tables.map(({ oid, name }) => [oid, name]))
  const isNew = ({ oid }: { oid: number }): boolean => !nameOf.has(oid)
  const written = counted(observed, 'changed')
  const meanwhile = operations.filter(({ begin, end }) => begin <= observed.end && end >= observed.begin)
  return {
    statement: observed.statement,
    ms: Math.round(observed.end - observed.begin),
    locks: newLocks(observed).flatMap(({ oid, mode }) => withName(nameOf.get(oid), { mode })),
    rewritten: [...new Set(rewrittenTables(observed))].flatMap((oid) => nameOf.get(oid) ?? []),
    scanned: counted(observed, 'scanned').flatMap(({ oid, rows }) =>
      withName(nameOf.get(oid), { rows, blocking: isBlocked(observed, oid) }),
    ),
    changed: written.flatMap(({ oid, rows }) => withName(nameOf.get(oid), { rows })),
    copied: written.filter(isNew).map(({ oid, rows }) => ({ table: tableName(observed, oid), rows })),
    changesSchema: changesSchema(observed.text),
    lockedRows: observed.lockedRows.flatMap(({ oid, rows }) => withName(nameOf.get(oid), { rows })),
    longestReadMs: longest(meanwhile, 'read'),
    longestWriteMs: longest(meanwhile, 'write'),
    trafficErrors: meanwhile.filter(({ error }) => error !== undefined).length,
    error: observed.error === undefined ? undefined : errorCode(observed.error),
  }
}

const definitions = new Set([
  'alter',
  'create',
  'drop',
  'comment',
  'grant',
  'revoke',
  'truncate',
  'reindex',
  'refresh',
])

function changesSchema(text: string): boolean {
  return splitStatements(text).statements.some(({ tokens }) => definitions.has(tokens[0]?.value ?? ''))
}

function tableName({ after }: ObservedStatement, oid: number): string {
  return after?.counters.find((counter) => counter.oid === oid)?.table ?? String(oid)
}

function withName<T>(table: string | undefined, rest: T): (T & { table: string })[] {
  return table === undefined ? [] : [{ table, ...rest }]
}

function newLocks({ before, after, sampled }: ObservedStatement): HeldLock[] {
  const had = new Set(before.locks.map(({ oid, mode }) => `${oid} ${mode}`))
  return [...(after?.locks ?? []), ...sampled].filter(({ oid, mode }) => !had.has(`${oid} ${mode}`))
}

function isBlocked({ after }: ObservedStatement, table: number): boolean {
  return after?.locks.some(({ oid, mode }) => oid === table && blockingModes.has(mode)) ?? false
}

function rewrittenTables({ before, after }: ObservedStatement): number[] {
  const nodes = new Map(before.files.map(({ oid, node }) => [oid, node]))
  return (after?.files ?? [])
    .filter(({ oid, node }) => nodes.has(oid) && nodes.get(oid) !== node)
    .map(({ table }) => table)
}

function counted(
  { before, after }: ObservedStatement,
  what: 'scanned' | 'changed',
): { oid: number; rows: number }[] {
  const valueOf = (counters: readonly Counter[], oid: number): number =>
    counters.find((counter) => counter.oid === oid)?.[what] ?? 0
  return (after?.counters ?? [])
    .map(({ oid, [what]: rows }) => ({ oid, rows: rows - valueOf(before.counters, oid) }))
    .filter(({ rows }) => rows > 0)
}

function longest(operations: readonly Operation[], kind: Operation['kind']): number {
  const waits = operations.filter((operation) => operation.kind === kind).map(({ begin, end }) => end - begin)
  return Math.round(Math.max(0, ...waits))
}
