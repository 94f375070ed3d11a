import { describe, expect, it } from 'vitest'
import { noFindings } from '../../drill/compare-ledger.ts'
import { judge, mergeRows, type Row } from '../../drill/judge.ts'

const well: Row = {
  ...noFindings,
  fault: 'server killed',
  runs: 1,
  acknowledged: 100,
  longestWaitMs: 8_000,
  flipMs: 2_000,
  recoveryMs: 3_000,
  firstSuccessMs: 1_000,
  exits: 0,
  isAway: true,
}

describe('the judge of a drill', () => {
  it('says nothing of a fault that kept to every limit', () => {
    expect(judge(well)).toEqual([])
  })

  it.each([
    ['a lost write', { lost: 1 }, '1 acknowledged writes were lost'],
    ['a row of nobody', { unknown: 1 }, '1 leaked: 1 rows that nobody wrote'],
    ['a doubled row', { doubled: 1 }, '1 doubled'],
    ['a row that was rolled back', { rolledBack: 1 }, '1 rolled back and stored'],
    ['a half of a transaction', { halves: 1 }, '1 halves'],
    ['a process that ended', { exits: 1 }, '1 processes ended'],
    ['a wait beyond 8 s', { longestWaitMs: 8_001 }, 'longest wait: 8001 ms'],
    ['readiness that turned red too late', { flipMs: 2_001 }, 'readiness turned red: 2001 ms'],
    ['readiness that never turned red', { flipMs: NaN }, 'readiness turned red: never'],
    ['readiness that stayed red too long', { recoveryMs: 3_001 }, 'green again: 3001 ms'],
    ['readiness that stayed red', { recoveryMs: NaN }, 'green again: never'],
    [
      'a first success that came too late',
      { firstSuccessMs: 1_001 },
      'first success after PostgreSQL accepts: 1001 ms',
    ],
    ['a drill in which nothing was written', { acknowledged: 0 }, 'nothing is proven'],
  ])('finds %s', (_what, change, sentence) => {
    const found = judge({ ...well, ...change })

    expect(found).toHaveLength(1)
    expect(found[0]).toContain(sentence)
  })

  it('asks no readiness to turn red where the database was hardly away', () => {
    expect(judge({ ...well, isAway: false, flipMs: NaN })).toEqual([])
  })
})

describe('many runs of a fault as one row', () => {
  it('add up, and keep the worst of each figure', () => {
    const bad = {
      ...well,
      lost: 1,
      exits: 2,
      longestWaitMs: 9_000,
      flipMs: 1,
      recoveryMs: 4_000,
      firstSuccessMs: 2,
    }

    expect(mergeRows(well, bad, well)).toMatchObject({
      runs: 3,
      acknowledged: 300,
      lost: 1,
      exits: 2,
      longestWaitMs: 9_000,
      flipMs: 2_000,
      recoveryMs: 4_000,
      firstSuccessMs: 1_000,
    })
  })

  it.each([['flipMs'], ['recoveryMs']] as const)('do not hide the one that had no %s', (figure) => {
    const never = { ...well, [figure]: NaN }

    expect(judge(mergeRows(well, never, well))).toHaveLength(1)
    expect(judge(mergeRows(never, well))).toHaveLength(1)
  })
})
