import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What one fault did to the stack, once. */
export interface FaultRow {
  fault: string
  acknowledged: number
  /** Answered with something else than 201, or not at all. */
  failed: number
  lost: number
  leaked: number
  longestWaitMs: number
  /** From the moment the database accepted again. */
  readyMs: number
  firstSuccessMs: number
  /** Ends of the API's container that the fault did not ask for. */
  exits: number
}

function fileOf(folder: string): string {
  return join(folder, 'fault-rows.jsonl')
}

/** Test files have processes of their own: the rows meet in a file. */
export function recordFault(folder: string, row: FaultRow): void {
  appendFileSync(fileOf(folder), `${JSON.stringify(row)}\n`)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`
}

function merge(rows: FaultRow[]): string[] {
  const sum = (key: 'acknowledged' | 'failed' | 'lost' | 'leaked' | 'exits'): string =>
    String(rows.reduce((total, row) => total + row[key], 0))
  const most = (key: 'longestWaitMs' | 'readyMs' | 'firstSuccessMs'): string =>
    seconds(Math.max(...rows.map((row) => row[key])))
  return [
    rows[0]?.fault ?? '',
    String(rows.length),
    sum('acknowledged'),
    sum('failed'),
    sum('lost'),
    sum('leaked'),
    most('longestWaitMs'),
    most('readyMs'),
    most('firstSuccessMs'),
    sum('exits'),
  ]
}

const columns = [
  'fault on the stack',
  'runs',
  'acknowledged',
  'failed',
  'lost',
  'leaked',
  'longest wait',
  'ready again',
  'first success',
  'exits',
]

/** One line per fault, runs of the same fault summed up; nothing where no fault has run. */
export function renderFaults(folder: string): string {
  if (!existsSync(fileOf(folder))) return ''
  const lines = readFileSync(fileOf(folder), 'utf8').trim().split('\n')
  const rows = lines.map((line) => JSON.parse(line) as FaultRow)
  const faults = [...Map.groupBy(rows, ({ fault }) => fault).values()].map(merge)
  const widths = columns.map((_name, n) =>
    Math.max(...[columns, ...faults].map((cells) => cells[n]?.length ?? 0)),
  )
  const lineOf = (cells: string[]): string =>
    cells.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  ')
  return `\n${[columns, ...faults].map(lineOf).join('\n')}\n`
}
