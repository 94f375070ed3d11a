import type { DrillRecord } from '../../../../../src/kit/backup/portable/drill-record.ts'

export function sampleRecord(change: Partial<DrillRecord> = {}): DrillRecord {
  return {
    kind: 'portable',
    subject: '20261122T031500Z-a1b2c3',
    begunAt: '2026-11-22T04:00:00.000Z',
    endedAt: '2026-11-22T04:01:00.000Z',
    ok: true,
    differences: [],
    steps: [
      { name: 'server', ms: 3_000 },
      { name: 'restore', ms: 20_500 },
      { name: 'compare', ms: 9_000 },
    ],
    serverVersion: '17.11',
    comparedTables: 11,
    hashedTables: 9,
    rows: 4_000,
    migrationsApplied: 1,
    notes: [],
    newestRowAt: '2026-11-22T03:14:59.000Z',
    rtoSeconds: 23.5,
    rpoSeconds: 2_700,
    ...change,
  }
}

export function failedRecord(): DrillRecord {
  return sampleRecord({
    ok: false,
    fault: 'verification_failed',
    sentence: 'what was restored is not what was backed up: public.a has 1 rows instead of 2',
    hint: 'take another backup',
    differences: ['public.a has 1 rows instead of 2'],
    rtoSeconds: undefined,
    rpoSeconds: undefined,
  })
}
