import { createTable } from '../markdown-table.ts'
import type { BackupRow } from './backup-row.ts'

const table = createTable(
  [
    'fault',
    'runs',
    'looked good and was not',
    'live data changed',
    'exit code',
    'expected',
    'sentence',
    'metric',
  ],
  52,
)

export const backupTableHead = table.head

function verdict(wrong: number | undefined): string {
return wrong === undefined ? '-' : wrong === 0 ? 'right' : `${wrong} wrong`
}

export function backupTableRow(row: BackupRow): string {
return table.row([
    row.fault,
    row.runs,
    row.lookedGood,
    row.liveChanged,
    row.ended.join(),
    row.expected,
    verdict(row.wrongSentences),
    verdict(row.wrongMetrics),
  ])
}
