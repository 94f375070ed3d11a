import { lackingHint, lackingSentence } from '../lacking-privileges.ts'
import type { Objection } from './judge.ts'
import type { FileReport } from './rehearse-file.ts'
import type { RehearsalReport } from './rehearse.ts'
import type { StatementReport } from './statement-report.ts'

/** The report for a person: one table per file, then what the catalog gained and lost, then the objections. */
export function renderReport({ files, lacking, isRefused }: RehearsalReport): string {
  if (files.length === 0) return 'nothing to rehearse: the base branch has every migration\n'
  const verdict = isRefused ? 'refused\n' : 'nothing to refuse\n'
  const rights = lacking.length === 0 ? [] : [`${lackingSentence(lacking)}\n  hint: ${lackingHint}\n`]
  return [...files.map(renderFile), ...rights, verdict].join('\n')
}

function renderFile(report: FileReport): string {
  const lines = [
    `${report.file} (${report.operations} reads and writes meanwhile)`,
    ...alignRows([header, ...report.statements.map(cells)]),
    ...firstLines(report.catalogAdded).map((line) => `  + ${line}`),
    ...firstLines(report.catalogRemoved).map((line) => `  - ${line}`),
    ...report.skipped.map((line) => `  no traffic: ${line}`),
    ...report.objections.map(renderObjection),
  ]
  return `${lines.join('\n')}\n`
}

const mostLines = 20

/** `--json` has them all. */
function firstLines(lines: readonly string[]): string[] {
  if (lines.length <= mostLines) return [...lines]
  return [...lines.slice(0, mostLines), `${lines.length - mostLines} lines more`]
}

const header = ['#', 'ms', 'read', 'write', 'errors', 'locks', 'rewritten', 'scanned', 'changed', 'failed']

function cells(report: StatementReport): string[] {
  const list = (items: readonly string[]): string => (items.length === 0 ? '-' : items.join(', '))
  return [
    String(report.statement),
    String(report.ms),
    String(report.longestReadMs),
    String(report.longestWriteMs),
    String(report.trafficErrors),
    list(report.locks.map(({ table, mode }) => `${short(table)} ${mode.replace(/Lock$/, '')}`)),
    list(report.rewritten.map(short)),
    list(report.scanned.map(({ table, rows }) => `${short(table)} ${rows}`)),
    list(report.changed.map(({ table, rows }) => `${short(table)} ${rows}`)),
    report.error ?? '-',
  ]
}

function short(table: string): string {
  return table.replace(/^public\./, '')
}

function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}

function renderObjection({ rule, statement, sentence, hint, acknowledged }: Objection): string {
  const where = statement === undefined ? '' : ` statement ${statement}:`
  if (acknowledged) return `  acknowledged[${rule}]${where} ${sentence}`
  return `  error[${rule}]${where} ${sentence}\n    hint: ${hint}`
}
