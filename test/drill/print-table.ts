import { leaked } from './compare-ledger.ts'
import type { Row } from './judge.ts'

const columns = [
  'fault',
  'runs',
  'acknowledged',
  'lost',
  'leaked',
  'longest wait',
  'flip',
  'recovery',
  'first success',
  'exits',
]

const faultWidth = 46

const line = (cells: (string | number)[]): string =>
  `| ${cells.map((cell, n) => (n === 0 ? String(cell).padEnd(faultWidth) : String(cell).padStart(columns[n]?.length ?? 0))).join(' | ')} |`

const seconds = (ms: number): string => (Number.isNaN(ms) ? '-' : `${(ms / 1_000).toFixed(2)} s`)

/** Markdown, so that a run can be kept as it was printed. */
export const tableHead = (): string =>
  `${line(columns)}\n|${columns.map((name, n) => (n === 0 ? '-'.repeat(faultWidth + 2) : `${'-'.repeat(name.length + 1)}:`)).join('|')}|`

export const tableRow = (row: Row): string =>
  line([
    row.fault,
    row.runs,
    row.acknowledged,
    row.lost,
    leaked(row),
    seconds(row.longestWaitMs),
    seconds(row.flipMs),
    seconds(row.recoveryMs),
    seconds(row.firstSuccessMs),
    row.exits,
  ])
