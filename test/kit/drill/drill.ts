/**
 * Breaks the database under a load of writes, fault by fault, and prints what was lost, leaked and waited for. Exit code
 * 1 when a figure is beyond the limits of the design.
 *   node test/kit/drill/drill.ts [--runs=1] [--only=frozen] [--seed=7]
 *   node test/kit/drill/drill.ts --kills=100 --writes=1000000
 */
import { cpus, loadavg } from 'node:os'
import { inspect, parseArgs } from 'node:util'
import { openBundles } from '../support/bundles.ts'
import { closeOnSignal } from './close-on-signal.ts'
import { allFaults } from './faults/all-faults.ts'
import type { Fault } from './faults/fault.ts'
import { judge, mergeRows, type Row } from './judge.ts'
import { runMassForm } from './mass-form.ts'
import { tableHead, tableRow } from './print-table.ts'
import { runFault } from './run-fault.ts'
import { createStageKeeper, type StageKeeper } from './stage-keeper.ts'

interface Options {
  runs: number
  only: string
  seed: number
  kills: number
  writes: number
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function readOptions(): Options {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { runs: text, only: text, seed: text, kills: text, writes: text } })
  return {
    runs: Number(values.runs ?? 1),
    only: values.only ?? '',
    seed: Number(values.seed ?? Math.floor(Math.random() * 1_000_000)),
    kills: Number(values.kills ?? 0),
    writes: Number(values.writes ?? 0),
  }
}

function report(row: Row): string[] {
  say(tableRow(row))
  return judge(row).map((sentence) => `${row.fault}: ${sentence}`)
}

async function runOften(keeper: StageKeeper, fault: Fault, { runs, seed }: Options): Promise<string[]> {
  const rows: Row[] = []
  const wrong: string[] = []
  for (let run = 0; run < runs; run += 1) {
    const stage = await keeper.stageFor(fault)
    const writers = { poolSize: 5, transactions: 0.6 }
    const settings = { seed, run, clients: 8, writers, writesBefore: 0 }
    rows.push(await runFault(stage, fault, settings))
    if (fault.spendsStage === true) wrong.push(...(await keeper.retire()))
  }
  const [first, ...others] = rows
  return first === undefined ? wrong : [...wrong, ...report(mergeRows(first, ...others))]
}

/** One that cannot be run through is wrong as well, and no reason to leave out the others. */
async function survive(keeper: StageKeeper, name: string, work: () => Promise<string[]>): Promise<string[]> {
  try {
    return await work()
  } catch (err) {
    await keeper.close()
    say(`| ${name}: could not be run through`)
    return [`${name}: ${inspect(err)}`]
  }
}

/** Those of one stage together, because a stage takes longer to open than most faults to run. */
function inOrder(only: string): Fault[] {
  const wanted = allFaults.filter(({ name, missing }) => name.includes(only) && missing?.() === undefined)
  return (['plain', 'with standby', 'small volumes'] as const).flatMap((kind) =>
    wanted.filter(({ needs = 'plain' }) => needs === kind),
  )
}

async function drillFaults(keeper: StageKeeper, options: Options): Promise<string[]> {
  const wrong: string[] = []
  let before = ''
  for (const fault of inOrder(options.only)) {
    const kind = fault.needs ?? 'plain'
    if (before !== '' && before !== kind) wrong.push(...(await keeper.retire()))
    before = kind
    wrong.push(...(await survive(keeper, fault.name, () => runOften(keeper, fault, options))))
  }
  return wrong
}

function drillMany(keeper: StageKeeper, options: Options): Promise<string[]> {
  return survive(keeper, 'many kills', async () => {
    const rows = await runMassForm(keeper, options)
    const wrong = rows.flatMap(report)
    const acknowledged = rows.reduce((sum, row) => sum + row.acknowledged, 0)
    say(`${options.kills} kills, ${acknowledged} writes acknowledged`)
    return acknowledged < options.writes ? [...wrong, `only ${acknowledged} writes were acknowledged`] : wrong
  })
}

async function drill(keeper: StageKeeper, options: Options): Promise<string[]> {
  // A machine that is busy with something else is late as well: the reader must be able to tell.
  say(
    `seed ${options.seed}, Node ${process.version}, ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)}`,
  )
  for (const { name, missing } of allFaults) {
    const reason = missing?.()
    if (reason !== undefined) say(`left out: ${name}: ${reason}`)
  }
  say(tableHead())
  const work = options.kills > 0 ? drillMany : drillFaults
  const wrong = await work(keeper, options)
  return [...wrong, ...(await survive(keeper, 'at the end', keeper.retire))]
}

async function main(): Promise<void> {
  const options = readOptions()
  await openBundles()
  const keeper = createStageKeeper()
  closeOnSignal(keeper)
  try {
    const wrong = await drill(keeper, options)
    for (const sentence of wrong) process.stderr.write(`error: ${sentence}\n`)
    if (wrong.length === 0) return
    process.stderr.write(`hint: run it alone with --seed=${options.seed} --only=NAME\n`)
    process.exitCode = 1
  } finally {
    await keeper.close()
  }
}

await main()
