import { leaked } from './compare-ledger.ts'
import type { Row } from './judge.ts'
import { createTable } from './markdown-table.ts'

const table = createTable(
  [
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
  ],
  46,
)

function seconds(ms: number): string {
  return Number.isNaN(ms) ? '-' : `${(ms / 1_000).toFixed(2)} s`
}

export const tableHead = table.head

export function tableRow(row: Row): string {
  return table.row([
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
}
