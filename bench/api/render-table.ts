import { disturbed } from './measure-undisturbed.ts'
import type { Row } from './summarize.ts'

/** Below this share of a core a server waited for something that is not its own work. */
const limit = 0.9
const heads = [
  ['', ''],
  ['throughput', 'spread', 'per core', 'p50', 'p99'],
  ['ran', 'waited', 'requests/s', 'cpu µs', 'p50 ms', 'p99 ms'],
].flat()

const legend = [
  'throughput, per core, p50, p99: medians of the rounds as a share of bare node:http + postgres.js in the same run',
  'spread: lowest and highest throughput within one round; per core: requests per second of processor time of the server',
  'ran, waited: share of the time in which the server had its core, or wanted it in vain; what follows is as measured',
]

function cells({ case: name, contender, median, ofBare, spread }: Row): string[] {
  return [
    name,
    contender,
    ofBare.throughput.toFixed(2),
    spread.map((share) => share.toFixed(2)).join('-'),
    ...[ofBare.perCore, ofBare.p50, ofBare.p99, median.ran, median.waited].map((share) => share.toFixed(2)),
    ...[median.requestsPerSecond, median.cpuMicroseconds].map((figure) => figure.toFixed(0)),
    ...[median.p50Ms, median.p99Ms].map((ms) => ms.toFixed(2)),
  ]
}

function verdict(rows: readonly Row[]): string {
  if (rows.some(({ median }) => median.waited > disturbed)) {
    return 'the machine was busy with something else: repeat it when it is quiet, or with --patience=600'
  }
  const idle = rows.filter(({ median }) => !(median.ran >= limit))
  if (idle.length === 0) return 'every server was at its limit: neither the load nor PostgreSQL held it back'
  const names = idle.map((row) => `${row.contender} (${row.case})`).join(', ')
  return `not at their limit, because the load or PostgreSQL was: ${names}; there believe the column per core`
}

function aligned(lines: readonly string[][]): string[] {
  const widthOf = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const widths = heads.map((_, column) => widthOf(column))
  const pad = (cell: string, column: number): string =>
    column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => line.map(pad).join('  ').trimEnd())
}

export function renderTable(rows: readonly Row[]): string {
  return [...aligned([heads, ...rows.map(cells)]), '', ...legend, verdict(rows)].join('\n')
}
