import { describe, expect, it } from 'vitest'
import { createComparison, leaked, noFindings } from '../../drill/compare-ledger.ts'
import { createLedger } from '../../drill/ledger.ts'

/** Writes 0 acknowledged, 1 undecided, 2 rolled back on purpose; each of two parts. */
function compare(rows: [write: number | undefined, part: number][]) {
  const ledger = createLedger('test')
  ledger.acknowledge(ledger.issue())
  ledger.issue()
  ledger.issue('refused')
  const { see, findings } = createComparison(ledger.fates(), 2)
  for (const [write, part] of rows) see(write, part)
  return findings()
}

const whole: [number, number][] = [
  [0, 0],
  [0, 1],
]

describe('the comparison of a ledger with what is stored', () => {
  it('finds nothing when the acknowledged are there, whatever became of the undecided', () => {
    expect(compare(whole)).toEqual(noFindings)
    expect(compare([...whole, [1, 0], [1, 1]])).toEqual(noFindings)
  })

  it.each([
    ['an acknowledged write that is not stored', [], { lost: 1 }],
    ['a part of a transaction without the rest', [...whole, [1, 0]], { halves: 1 }],
    ['a part of an acknowledged one without the rest', [[0, 1]], { halves: 1 }],
    ['a row that is there twice', [...whole, [0, 1]], { doubled: 1 }],
    ['a row of a transaction that was rolled back', [...whole, [2, 0]], { rolledBack: 1 }],
    ['all rows of one', [...whole, [2, 0], [2, 1]], { rolledBack: 1 }],
    ['a row whose number cannot be read', [...whole, [undefined, 0]], { unknown: 1 }],
    ['a row of a write that was never sent', [...whole, [3, 0]], { unknown: 1 }],
    ['a part that no write has', [...whole, [0, 2]], { unknown: 1 }],
  ] as [string, [number | undefined, number][], object][])('finds %s', (_what, rows, found) => {
    expect(compare(rows)).toEqual({ ...noFindings, ...found })
  })

  it('counts as leaked whatever is stored and should not be, and not what is lost', () => {
    expect(leaked({ lost: 100, unknown: 1, doubled: 2, rolledBack: 4, halves: 8 })).toBe(15)
  })
})

describe('a ledger', () => {
  it('holds a million writes in a few bytes each, and knows every one', () => {
    const ledger = createLedger('big')
    for (let n = 0; n < 1_000_000; n += 1) {
      const write = ledger.issue()
      if (write % 1_000 !== 7) ledger.acknowledge(write)
    }
    const { see, findings } = createComparison(ledger.fates(), 1)
    for (let n = 0; n < 999_999; n += 1) see(n, 0)

    expect(ledger.acknowledged()).toBe(999_000)
    expect(ledger.indeterminate().slice(0, 3)).toEqual([7, 1_007, 2_007])
    expect(ledger.fates().buffer.byteLength).toBeLessThan(4_000_000)
    expect(findings()).toEqual({ ...noFindings, lost: 1 })
  })

  it('counts a write that is acknowledged again once', () => {
    const ledger = createLedger('test')
    const write = ledger.issue()

    ledger.acknowledge(write)
    ledger.acknowledge(write)

    expect(ledger.acknowledged()).toBe(1)
  })
})
