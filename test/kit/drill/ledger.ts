/** What became of a write, as its client knows it. */
export const fates = { none: 0, indeterminate: 1, acknowledged: 2, refused: 3 } as const

/** A byte per write, so that a million of them are a megabyte. */
export interface Ledger {
  /** Marks all rows of this ledger in the database. */
  name: string
  /** The number of a new write; `refused` is one that must never be stored, however it ends. */
  issue: (fate?: 'indeterminate' | 'refused') => number
  acknowledge: (write: number) => void
  indeterminate: () => number[]
  acknowledged: () => number
  fates: () => Uint8Array
}

const firstSize = 4_096

export function createLedger(name: string): Ledger {
  let bytes = new Uint8Array(firstSize)
  let issued = 0
  let acknowledged = 0
  return {
    name,
    issue: (fate = 'indeterminate') => {
      if (issued === bytes.length) {
        const longer = new Uint8Array(2 * issued)
        longer.set(bytes)
        bytes = longer
      }
      bytes[issued] = fates[fate]
      return issued++
    },
    acknowledge: (write) => {
      if (bytes[write] === fates.indeterminate) acknowledged += 1
      bytes[write] = fates.acknowledged
    },
    indeterminate: () => {
      const found: number[] = []
      for (let n = 0; n < issued; n += 1) if (bytes[n] === fates.indeterminate) found.push(n)
      return found
    },
    acknowledged: () => acknowledged,
    fates: () => bytes.subarray(0, issued),
  }
}
