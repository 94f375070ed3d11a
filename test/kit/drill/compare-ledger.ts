import { fates } from './ledger.ts'

export interface Findings {
  /** Acknowledged and not stored. */
  lost: number
  /** Rows that nobody wrote, or that belong to a write that was never sent. */
  unknown: number
  /** Stored more than once. */
  doubled: number
  /** Stored although their transaction was rolled back. */
  rolledBack: number
  /** A part of a transaction without the rest of it. */
  halves: number
}

export const noFindings: Findings = { lost: 0, unknown: 0, doubled: 0, rolledBack: 0, halves: 0 }

/** What passed from one transaction into another, or out of one. */
export function leaked({ unknown, doubled, rolledBack, halves }: Findings): number {
  return unknown + doubled + rolledBack + halves
}

export interface Comparison {
  /** One stored row: which write it says it is of, and which part of that write. */
  see: (write: number | undefined, part: number) => void
  findings: () => Findings
}

/** Of one write: how many of its parts are there, and how many rows too many. */
function countParts(seen: Uint8Array, from: number, parts: number): { there: number; surplus: number } {
  let there = 0
  let surplus = 0
  for (let part = 0; part < parts; part += 1) {
    const rows = seen[from + part] ?? 0
    if (rows > 0) there += 1
    if (rows > 1) surplus += rows - 1
  }
  return { there, surplus }
}

/** Row by row, so that it takes a byte per row however many there are. A write is stored when all of its `parts` are. */
export function createComparison(known: Uint8Array, parts: number): Comparison {
  const seen = new Uint8Array(known.length * parts)
  let unknown = 0
  const see: Comparison['see'] = (write, part) => {
    if (write === undefined || write >= known.length || part < 0 || part >= parts) unknown += 1
    else if ((seen[write * parts + part] ?? 0) < 255)
      seen[write * parts + part] = (seen[write * parts + part] ?? 0) + 1
  }
  const findings = (): Findings => {
    const found = { ...noFindings, unknown }
    for (let write = 0; write < known.length; write += 1) {
      const { there, surplus } = countParts(seen, write * parts, parts)
      found.doubled += surplus
      if (known[write] === fates.refused && there > 0) found.rolledBack += 1
      else if (there > 0 && there < parts) found.halves += 1
      if (known[write] === fates.acknowledged && there === 0) found.lost += 1
    }
    return found
  }
  return { see, findings }
}
