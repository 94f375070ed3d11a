import { leaked, type Findings } from './compare-ledger.ts'

/** What one fault did, over all of its runs; the worst of each. */
export interface Row extends Findings {
  fault: string
  runs: number
  acknowledged: number
  longestWaitMs: number
  /** NaN when readiness never turned red. */
  flipMs: number
  recoveryMs: number
  firstSuccessMs: number
  exits: number
  /** The database was away for longer than readiness may take to notice. */
  isAway: boolean
}

/** The figures of the design. */
export const limits = { longestWaitMs: 8_000, flipMs: 2_000, recoveryMs: 3_000, firstSuccessMs: 1_000 }

function counts(row: Row): string[] {
  return [
    ...(row.acknowledged === 0 ? ['no write was acknowledged, so that nothing is proven'] : []),
    ...(row.lost > 0 ? [`${row.lost} acknowledged writes were lost`] : []),
    ...(leaked(row) > 0
      ? [
          `${leaked(row)} leaked: ${row.unknown} rows that nobody wrote, ${row.doubled} doubled, ${row.rolledBack} rolled back and stored, ${row.halves} halves`,
        ]
      : []),
    ...(row.exits > 0 ? [`${row.exits} processes ended`] : []),
  ]
}

function late(what: string, ms: number, limitMs: number): string[] {
  // NaN is late as well: what was never seen was not in time.
  return ms <= limitMs
    ? []
    : [`${what}: ${Number.isNaN(ms) ? 'never' : `${Math.round(ms)} ms`} (at most ${limitMs} ms)`]
}

/** What is beyond the limits, as sentences; none when all is well. */
export function judge(row: Row): string[] {
  return [
    ...counts(row),
    ...late('longest wait', row.longestWaitMs, limits.longestWaitMs),
    ...(row.isAway ? late('readiness turned red', row.flipMs, limits.flipMs) : []),
    ...late('readiness turned green again', row.recoveryMs, limits.recoveryMs),
    ...late('first success after PostgreSQL accepts', row.firstSuccessMs, limits.firstSuccessMs),
  ]
}

function worst(one: number, other: number): number {
  return Number.isNaN(one) ? other : Math.max(one, Number.isNaN(other) ? one : other)
}

/** Of a fault that must turn readiness red, a run in which it did not is the worst. */
function worstFlip(one: Row, other: Row): number {
  return one.isAway && (Number.isNaN(one.flipMs) || Number.isNaN(other.flipMs))
    ? NaN
    : worst(one.flipMs, other.flipMs)
}

function merge(one: Row, other: Row): Row {
  return {
    fault: one.fault,
    isAway: one.isAway,
    runs: one.runs + other.runs,
    acknowledged: one.acknowledged + other.acknowledged,
    lost: one.lost + other.lost,
    unknown: one.unknown + other.unknown,
    doubled: one.doubled + other.doubled,
    rolledBack: one.rolledBack + other.rolledBack,
    halves: one.halves + other.halves,
    longestWaitMs: Math.max(one.longestWaitMs, other.longestWaitMs),
    flipMs: worstFlip(one, other),
    recoveryMs: Math.max(one.recoveryMs, other.recoveryMs),
    firstSuccessMs: Math.max(one.firstSuccessMs, other.firstSuccessMs),
    exits: one.exits + other.exits,
  }
}

/** Math.max keeps NaN, so that one run that never recovered is not hidden by the others. */
export function mergeRows(first: Row, ...others: Row[]): Row {
  return others.reduce(merge, first)
}
