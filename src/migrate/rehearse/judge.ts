import { splitStatements } from '../lint/sql/split-statements.ts'
import type { Operation } from './open-traffic.ts'
import type { SeededTable } from './seed-table.ts'
import type { StatementReport } from './statement-report.ts'

export interface Objection {
  rule:
    | 'rehearsal-failed'
    | 'rehearsal-rewrite'
    | 'rehearsal-scan'
    | 'rehearsal-rows'
    | 'rehearsal-wait'
    | 'rehearsal-traffic'
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
}

/** A table below this is read or rewritten before anybody notices. */
const smallTable = 1_000

type Draft = Omit<Objection, 'acknowledged' | 'statement'>

/** Everything in the report of one statement that a database with traffic would suffer from. */
export function objectTo(report: StatementReport, tables: readonly SeededTable[], limits: Limits): Draft[] {
  const rowsOf = new Map(tables.map(({ name, rows }) => [name, rows]))
  const isLarge = (table: string): boolean => (rowsOf.get(table) ?? 0) >= smallTable
  const drafts: Draft[] = report.rewritten.filter(isLarge).map(rewrite)
  for (const { table, rows, blocking } of report.scanned) {
    if (blocking && isLarge(table) && rows >= smallTable && !report.rewritten.includes(table))
      drafts.push(scan(table))
  }
  for (const { table, rows } of report.changed) if (rows > limits.mostRows) drafts.push(manyRows(table, rows))
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

/** What the version before the migration gets to see from `since` on, by table and SQLSTATE, and did not see before. */
export function objectToErrors(operations: readonly Operation[], since: number): Draft[] {
  const failures = operations.filter(({ error }) => error !== undefined)
  const groups = Map.groupBy(
    failures,
    ({ table, kind, error }) => `${kind}s of ${table} fail with ${error ?? ''}`,
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

/** Numbers of the statements that carry an acknowledgement with a reason; the linter has judged the reason. */
export function acknowledgedStatements(sql: string): Set<number> {
  const given = splitStatements(sql).statements.filter(({ comments }) =>
    comments.some(({ text }) => /slipway\s*:\s*allow\b[^:]*:\s*\S/i.test(text)),
  )
  return new Set(given.map(({ chunk }) => chunk + 1))
}
