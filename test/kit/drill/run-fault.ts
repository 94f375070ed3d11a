import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../support/until.ts'
import { openApiLoad, type ApiLoad } from './api-load.ts'
import { noFindings, type Findings } from './compare-ledger.ts'
import type { Fault } from './faults/fault.ts'
import type { Row } from './judge.ts'
import type { WriterSession } from './open-pool-writers.ts'
import { createRandom } from './random.ts'
import type { Stage } from './stage.ts'
import { compareStored } from './stored-rows.ts'
import { untilAccepts } from './until-accepts.ts'
import { watchReadiness, type ReadinessWatch } from './watch-readiness.ts'

export interface RunSettings {
  seed: number
  run: number
  /** Clients of the API. */
  clients: number
  writers: Pick<WriterSession, 'poolSize' | 'transactions'>
  /** Acknowledged writes before the fault begins. */
  writesBefore: number
}

const warmUpMs = 500
const recoveryDeadlineMs = 30_000

function lastWords({ api }: Stage): string {
  return (api.stdout() + api.stderr()).slice(-2_000)
}

function add(one: Findings, other: Findings): Findings {
  return {
    lost: one.lost + other.lost,
    unknown: one.unknown + other.unknown,
    doubled: one.doubled + other.doubled,
    rolledBack: one.rolledBack + other.rolledBack,
    halves: one.halves + other.halves,
  }
}

/** Before the undecided writes are sent again, and after: only the first shows what was stored and never acknowledged. */
async function compareLoad(stage: Stage, load: ApiLoad): Promise<Findings> {
  const closed = () => ({ name: load.ledger.name, writer: 'api' as const, fates: load.ledger.fates() })
  const before = await compareStored(stage.admin, closed())
  await load.settle()
  stage.ledgers.push(closed())
  return add(before, await compareStored(stage.admin, closed()))
}

interface Ended {
  findings: Findings
  acknowledged: number
  longestMs: number
}

async function endWriters(stage: Stage, name: string): Promise<Ended> {
  const { acknowledged, fates, longestMs } = await stage.writers.end()
  const ledger = { name, writer: 'pool' as const, fates }
  stage.ledgers.push(ledger)
  return { acknowledged, longestMs, findings: await compareStored(stage.admin, ledger) }
}

async function untilWritten(stage: Stage, load: ApiLoad, writes: number): Promise<void> {
  await wait(warmUpMs)
  await until(
    `${writes} writes are acknowledged`,
    async () => load.ledger.acknowledged() + (await stage.writers.acknowledged()) >= writes,
    { deadlineMs: 600_000, explain: () => lastWords(stage) },
  )
}

async function untilRecovered(
  stage: Stage,
  load: ApiLoad,
  readiness: ReadinessWatch,
  acceptedMs: number,
): Promise<number> {
  const options = { deadlineMs: recoveryDeadlineMs, explain: () => lastWords(stage) }
  const first = await until(
    'a write is acknowledged again',
    () => load.stopwatch.firstSuccessAfter(acceptedMs),
    options,
  )
  await until('it is ready again', () => readiness.isReady(), options)
  return first - acceptedMs
}

/** One fault under load, from the first write to the comparison of what is stored. */
export async function runFault(stage: Stage, fault: Fault, settings: RunSettings): Promise<Row> {
  const { seed, run, clients, writers, writesBefore } = settings
  const exitsBefore = stage.exits
  const number = stage.ledgers.length
  const load = openApiLoad({ name: `api-${number}`, url: () => stage.api.url, cookie: stage.cookie, clients })
  const readiness = watchReadiness(() => stage.api.url)
  try {
    stage.writers.begin({ name: `pool-${number}`, seed, ...writers })
    await untilWritten(stage, load, writesBefore)
    const begin = performance.now()
    await fault.run(stage, createRandom(seed, `${fault.name} ${run}`))
    const acceptedMs = await untilAccepts(stage)
    const firstSuccessMs = await untilRecovered(stage, load, readiness, acceptedMs)
    await load.stop()
    const pool = await endWriters(stage, `pool-${number}`)
    const findings = await compareLoad(stage, load)
    return {
      ...noFindings,
      ...add(findings, pool.findings),
      fault: fault.name,
      isAway: fault.isAway === true,
      runs: 1,
      acknowledged: load.ledger.acknowledged() + pool.acknowledged,
      longestWaitMs: Math.max(load.stopwatch.longestMs(), pool.longestMs),
      flipMs: readiness.flipAfter(begin),
      recoveryMs: readiness.recoveryAfter(acceptedMs),
      firstSuccessMs,
      exits: stage.exits - exitsBefore - (fault.endsApi === true ? 1 : 0),
    }
  } finally {
    await load.stop()
    await readiness.close()
  }
}
