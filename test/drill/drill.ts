/**
 * Breaks the database under a load of writes, fault by fault, and prints what was lost, leaked and waited for:
 *   node test/drill/drill.ts [--runs=1] [--only='frozen']
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { until } from '../support/until.ts'
import { faults, type Fault } from './faults.ts'
import { compareLedger, openLoad } from './ledger.ts'
import { openStage, type Stage } from './stage.ts'
import { watchReadiness } from './watch-readiness.ts'

interface Row {
  runs: number
  acknowledged: number
  lost: number
  leaked: number
  longestWaitMs: number
  flipMs: number
  recoveryMs: number
  firstSuccessMs: number
  exits: number
}

const clients = 8
const limits = { lost: 0, leaked: 0, exits: 0, longestWaitMs: 8_000 }

const fatalLines = ({ api }: Stage): string =>
  JSON.stringify(api.lines().filter((line) => line['level'] === 'fatal'))

const runOnce = async (stage: Stage, fault: Fault): Promise<Row> => {
  const exitsBefore = stage.exits
  const load = openLoad({ url: () => stage.api.url, cookie: stage.cookie, clients })
  const readiness = watchReadiness(() => stage.api.url)
  await wait(500)
  const begin = performance.now()
  await fault.run(stage)
  const end = performance.now()
  const first = await until('a write is acknowledged again', () => load.ledger.firstSuccessAfter(end), {
    deadlineMs: 30_000,
    explain: () => fatalLines(stage),
  })
  await until('it is ready again', () => readiness.isReady(), {
    deadlineMs: 30_000,
    explain: () => fatalLines(stage),
  })
  await load.stop()
  await readiness.close()
  const findings = await compareLedger(stage.admin, load.ledger)
  return {
    runs: 1,
    acknowledged: load.ledger.acknowledged.size,
    ...findings,
    longestWaitMs: load.ledger.longestWaitMs,
    flipMs: readiness.flipAfter(begin),
    recoveryMs: readiness.recoveryAfter(end),
    firstSuccessMs: first - end,
    exits: stage.exits - exitsBefore - (fault.endsApi === true ? 1 : 0),
  }
}

const merge = (rows: Row[]): Row =>
  rows.reduce((sum, row) => ({
    runs: sum.runs + row.runs,
    acknowledged: sum.acknowledged + row.acknowledged,
    lost: sum.lost + row.lost,
    leaked: sum.leaked + row.leaked,
    longestWaitMs: Math.max(sum.longestWaitMs, row.longestWaitMs),
    flipMs: Math.max(sum.flipMs, row.flipMs),
    recoveryMs: Math.max(sum.recoveryMs, row.recoveryMs),
    firstSuccessMs: Math.max(sum.firstSuccessMs, row.firstSuccessMs),
    exits: sum.exits + row.exits,
  }))

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

const print = (cells: (string | number)[]): void =>
  void process.stdout.write(
    `${cells.map((cell, n) => (n === 0 ? String(cell).padEnd(34) : String(cell).padStart(columns[n]?.length ?? 0))).join('  ')}\n`,
  )

const seconds = (ms: number): string => (Number.isNaN(ms) ? '-' : `${(ms / 1_000).toFixed(2)} s`)

const isWithin = (row: Row): boolean =>
  row.lost === limits.lost &&
  row.leaked === limits.leaked &&
  row.exits === limits.exits &&
  row.longestWaitMs <= limits.longestWaitMs

const drill = async (runs: number, only: string): Promise<boolean> => {
  const stage = await openStage()
  let isWell = true
  try {
    print(columns)
    for (const fault of faults.filter(({ name }) => name.includes(only))) {
      const rows: Row[] = []
      for (let run = 0; run < runs; run += 1) rows.push(await runOnce(stage, fault))
      const row = merge(rows)
      isWell &&= isWithin(row)
      print([
        fault.name,
        row.runs,
        row.acknowledged,
        row.lost,
        row.leaked,
        seconds(row.longestWaitMs),
        seconds(row.flipMs),
        seconds(row.recoveryMs),
        seconds(row.firstSuccessMs),
        row.exits,
      ])
    }
  } finally {
    await stage.close()
  }
  return isWell
}

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
})
if (!(await drill(Number(values.runs), values.only))) {
  process.stderr.write('error: a figure is beyond its limit\nhint: run that fault alone with --only=NAME\n')
  process.exitCode = 1
}
