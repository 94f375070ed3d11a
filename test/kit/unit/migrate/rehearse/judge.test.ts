import { describe, expect, test } from 'vitest'
import {
  acknowledgedStatements,
  objectTo,
  objectToErrors,
} from '../../../../../src/kit/migrate/rehearse/judge.ts'
import type { Operation } from '../../../../../src/kit/migrate/rehearse/open-traffic.ts'
import type { SeededTable } from '../../../../../src/kit/migrate/rehearse/seed-table.ts'
import type { StatementReport } from '../../../../../src/kit/migrate/rehearse/statement-report.ts'

const limits = { mostRows: 5_000, longestWaitMs: 1_000 }

function tableOf(name: string, rows: number): SeededTable {
  return {
    oid: 1,
    name,
    columns: [],
    primaryKey: [],
    uniqueKeys: [],
    checks: [],
    parents: [],
    rows,
    recipe: undefined,
    isOurs: true,
  }
}

const tables = [tableOf('large', 100_000), tableOf('small', 10)]

function reportOf(part: Partial<StatementReport>): StatementReport {
  return {
    statement: 1,
    ms: 1,
    locks: [],
    rewritten: [],
    scanned: [],
    changed: [],
    copied: [],
    changesSchema: true,
    lockedRows: [],
    longestReadMs: 0,
    longestWriteMs: 0,
    trafficErrors: 0,
    error: undefined,
    ...part,
  }
}

function rulesOf(part: Partial<StatementReport>) {
  return objectTo(reportOf(part), tables, limits).map(({ rule }) => rule)
}

function operation(end: number, error?: string): Operation {
  return {
    table: 'large',
    kind: 'read',
    label: 'reads',
    begin: end - 1,
    end,
    error,
  }
}

describe('rehearsal verdict', () => {
  test('objects to what large tables suffer and not to the same on small ones', () => {
    expect(rulesOf({ rewritten: ['large', 'small'] })).toEqual(['rehearsal-rewrite'])
    expect(rulesOf({ scanned: [{ table: 'large', rows: 100_000, blocking: true }] })).toEqual([
      'rehearsal-scan',
    ])
    expect(rulesOf({ scanned: [{ table: 'large', rows: 100_000, blocking: false }] })).toEqual([])
    expect(rulesOf({ scanned: [{ table: 'small', rows: 10, blocking: true }] })).toEqual([])
  })

  test('counts rows and waits against their limits, the limit itself included', () => {
    expect(rulesOf({ changed: [{ table: 'large', rows: 5_000 }], longestReadMs: 1_000 })).toEqual([])
    expect(rulesOf({ changed: [{ table: 'large', rows: 5_001 }] })).toEqual(['rehearsal-rows'])
    expect(rulesOf({ longestWriteMs: 1_001 })).toEqual(['rehearsal-wait'])
  })

  test('calls a statement that gets no lock under traffic a failure', () => {
    expect(rulesOf({ error: '55P03' })).toEqual(['rehearsal-failed'])
  })

  test('blames the file for errors of the traffic that were not there before it', () => {
    const operations = [operation(1, '42P01'), operation(5), operation(20, '42P01'), operation(21, '42703')]

    expect(objectToErrors(operations, 10).map(({ sentence }) => sentence)).toEqual([
      'reads of large fail with 42703 (1 times)',
    ])
  })

  test('takes acknowledgements with a reason alone', () => {
    const sql = [
      'SELECT 1;',
      '\n-- slipway:allow drop-table: unused since release 12\nDROP TABLE a;',
      '\n-- slipway:allow drop-table\nDROP TABLE b;',
    ].join('--> statement-breakpoint')

    expect([...acknowledgedStatements(sql)]).toEqual([2])
  })
})
