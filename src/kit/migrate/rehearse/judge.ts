import { splitStatements } from '../sql/split-statements.ts'
import type { Operation } from './open-traffic.ts'
import { blockingModes, type KnownTable, type StatementReport } from './statement-report.ts'

export interface Objection {
  rule:
    | 'rehearsal-failed'
    | 'rehearsal-rewrite'
    | 'rehearsal-scan'
    | 'rehearsal-rows'
    | 'rehearsal-wait'
    | 'rehearsal-traffic'
    | 'rehearsal-lock'
    | 'rehearsal-loss'
    | 'rehearsal-gain'
    | 'rehearsal-request'
  /** From 1; undefined for what belongs to the file as a whole. */
  statement: number | undefined
  sentence: string
  hint: string
  /** Answered by `-- slipway:allow RULE: reason` in the file: shown, but not refused. */
  acknowledged: boolean
}

export interface Limits {
  /** Of one statement in tables that were there before. */
  mostRows: number
  /** Of a reader or a writer. */
  longestWaitMs: number
  /** Of the traffic; each table has two, as long as there are so many. */
  mostConnections?: number
}

/** A smaller table is scanned or rewritten in negligible time. */
const smallTable = 1_000

export type Draft = Omit<Objection, 'acknowledged' | 'statement'>

/** Returns objections to everything in the report of one statement that would harm a database with traffic. */
export function objectTo(report: StatementReport, tables: readonly KnownTable[], limits: Limits): Draft[] {
  const rowsOf = new Map(tables.map(({ name, rows }) => [name, rows]))
  const isLarge = (table: string): boolean => (rowsOf.get(table) ?? 0) >= smallTable
  const drafts: Draft[] = report.rewritten.filter(isLarge).map(rewrite)
  for (const { table, rows, blocking } of report.scanned) {
    if (blocking && isLarge(table) && rows >= smallTable && !report.rewritten.includes(table))
      drafts.push(scan(table))
  }
  for (const { table, rows } of report.changed) if (rows > limits.mostRows) drafts.push(manyRows(table, rows))
  for (const { table, rows } of report.lockedRows)
    if (rows > limits.mostRows) drafts.push(lockedRows(table, rows))
  const isCopy = report.scanned.some(({ rows }) => rows >= smallTable)
  for (const { table, rows } of report.copied)
    if (isCopy && rows > limits.mostRows) drafts.push(copiedRows(table, rows))
  if (!report.changesSchema) drafts.push(...blockingLocks(report).map(tableLock))
  const waitMs = Math.max(report.longestReadMs, report.longestWriteMs)
  if (waitMs > limits.longestWaitMs) drafts.push(longWait(waitMs, limits))
  if (report.error !== undefined) drafts.push(failed(report.error))
  return drafts
}

function rewrite(table: string): Draft {
  return {
    rule: 'rehearsal-rewrite',
    sentence: `${table} or one of its indexes is written anew or emptied`,
    hint: 'build the new form beside the old one and move rows with the backfill service',
  }
}

function scan(table: string): Draft {
  return {
    rule: 'rehearsal-scan',
    sentence: `${table} is read from end to end while writers to it are locked out`,
    hint: 'NOT VALID first and VALIDATE CONSTRAINT in a later file; indexes CONCURRENTLY',
  }
}

function manyRows(table: string, rows: number): Draft {
  return {
    rule: 'rehearsal-rows',
    sentence: `${rows} rows of ${table} are changed and stay locked until the file commits`,
    hint: 'change rows in batches of 1,000 to 5,000 with the backfill service',
  }
}

function lockedRows(table: string, rows: number): Draft {
  return {
    rule: 'rehearsal-lock',
    sentence: `${rows} rows of ${table} are locked until the file commits, and every change of them waits`,
    hint: 'leave the lock out; the backfill service locks 1,000 to 5,000 rows at a time',
  }
}

function copiedRows(table: string, rows: number): Draft {
  return {
    rule: 'rehearsal-rows',
    sentence: `${rows} rows are copied to ${table} in one transaction, and rows written meanwhile are missing`,
    hint: 'create the table empty, write both tables in code, and copy the old rows with the backfill service',
  }
}

function blockingLocks({ locks }: StatementReport): { table: string; mode: string }[] {
  const strongest = locks.filter(({ mode }) => blockingModes.has(mode))
  return strongest.filter(({ table }, index) => strongest.findIndex((each) => each.table === table) === index)
}

function tableLock({ table, mode }: { table: string; mode: string }): Draft {
  return {
    rule: 'rehearsal-lock',
    sentence: `the statement takes ${mode} on ${table} without a change of the schema, and writers wait`,
    hint: 'remove the lock; write schema changes plainly, not in a function or block',
  }
}

function longWait(waitMs: number, { longestWaitMs }: Limits): Draft {
  return {
    rule: 'rehearsal-wait',
    sentence: `a request waited ${waitMs} ms, more than ${longestWaitMs} ms`,
    hint: 'split the file, so that no lock is held while something else takes its time',
  }
}

function failed(code: string): Draft {
  return {
    rule: 'rehearsal-failed',
    sentence: `the statement fails with SQLSTATE ${code}`,
    hint: 'correct it; rows as they may be in a live database are part of the rehearsal',
  }
}

/**
 * Returns the errors, by table and SQLSTATE, that the previous version gets from `since` on and did not get before.
 */
export function objectToErrors(operations: readonly Operation[], since: number): Draft[] {
  const failures = operations.filter(({ error }) => error !== undefined)
  const groups = Map.groupBy(
    failures,
    ({ table, label, error }) => `${label} of ${table} ${failureText(error)}`,
  )
  const isOld = (group: readonly Operation[]): boolean => group.some(({ end }) => end < since)
  return [...groups]
    .filter(([, group]) => !isOld(group))
    .map(([sentence, group]) => ({
      rule: 'rehearsal-traffic',
      sentence: `${sentence} (${group.length} times)`,
      hint: 'the running version must work with the new schema: expand first, contract in a later release',
    }))
}

function failureText(error: string | undefined): string {
  if (error === 'rows_missing') return 'miss rows that are there'
  if (error === 'defaults_missing') return 'get NULL from a column that had a default'
  return `fail with ${error ?? ''}`
}

/** Numbers of the statements that carry an acknowledgement with a reason; the linter has judged the reason. */
export function acknowledgedStatements(sql: string): Set<number> {
  const given = splitStatements(sql).statements.filter(({ comments }) =>
    comments.some(({ text }) => /slipway\s*:\s*allow\b[^:]*:\s*\S/i.test(text)),
  )
  return new Set(given.map(({ chunk }) => chunk + 1))
}
