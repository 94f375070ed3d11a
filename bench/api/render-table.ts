import type { Row } from './summarize.ts'

/** Below this share of a core a server waited for something that is not its own work. */
const busyEnough = 0.9

const heads = [
  '',
  '',
  'throughput',
  'spread',
  'p50',
  'p99',
  'cpu',
  'busy',
  'requests/s',
  'cpu µs',
  'p50 ms',
  'p99 ms',
]

const cells = ({ case: name, contender, median, ofBare, spread }: Row): string[] => [
  name,
  contender,
  ofBare.requestsPerSecond.toFixed(2),
  `${spread[0].toFixed(2)}-${spread[1].toFixed(2)}`,
  ofBare.p50Ms.toFixed(2),
  ofBare.p99Ms.toFixed(2),
  ofBare.cpuMicroseconds.toFixed(2),
  median.serverBusy.toFixed(2),
  median.requestsPerSecond.toFixed(0),
  median.cpuMicroseconds.toFixed(0),
  median.p50Ms.toFixed(2),
  median.p99Ms.toFixed(2),
]

const notes = (rows: readonly Row[]): string[] => {
  const idle = rows.filter(({ median }) => !(median.serverBusy >= busyEnough))
  const names = idle.map((row) => `${row.contender} (${row.case})`)
  return names.length === 0
    ? ['every server used its core in full: neither the load nor PostgreSQL was the bottleneck']
    : [`not at their limit: ${names.join(', ')}; there the cpu column is the one to believe`]
}

export const renderTable = (rows: readonly Row[]): string => {
  const lines = [heads, ...rows.map(cells)]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const table = lines.map((line) =>
    line
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  return [
    'throughput, p50, p99 and cpu as a share of bare node:http + postgres.js (medians of rounds); cpu is processor time per request',
    ...table,
    ...notes(rows),
  ].join('\n')
}
