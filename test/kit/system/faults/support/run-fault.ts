import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'

import { recordFault, type FaultRow } from '../../../support/fault-table.ts'
import { compose, eventually, stack } from '../../../support/stack.ts'
import { until } from '../../../support/until.ts'
import { restartsOfApi } from './api-container.ts'
import { compareLedger } from './compare-ledger.ts'
import { watchHealth, type HealthWatch } from './watch-health.ts'
import { openWriteLoad, type Ledger, type WriteLoad } from './write-load.ts'

export interface Outcome extends FaultRow {
  ledger: Ledger
  flipMs: number | undefined
  /** Lines of the API at level `fatal` since the fault began. */
  fatal: string[]
}

/** Begins the fault, calls `struck` once it holds, ends it; returns when the database accepted again, of Date.now(). */
export type Fault = (struck: () => void) => Promise<number>

const deadlineMs = 30_000

async function fatalSince(sinceMs: number): Promise<string[]> {
  const since = new Date(sinceMs).toISOString()
  const log = await compose('logs', '--no-color', '--no-log-prefix', '--since', since, 'api')
  return log.split('\n').filter((line) => line.includes('"level":"fatal"'))
}

async function untilRecovered(load: WriteLoad, health: HealthWatch, healedMs: number): Promise<number> {
  const explain = (): string => JSON.stringify(load.ledger.failures)
  const recovered = () => load.ledger.successes.find((atMs) => atMs >= healedMs)
  const firstMs = await until('a write is acknowledged again', recovered, { deadlineMs, explain })
  await until('health is green again', () => health.isWell(), { deadlineMs, explain })
  return firstMs
}

interface Times {
  beginMs: number
  struckMs: number
  healedMs: number
  firstMs: number
}

/** Whatever goes wrong, no client is left behind to disturb the next fault. */
async function underLoad(load: WriteLoad, health: HealthWatch, fault: Fault): Promise<Times> {
  try {
    await eventually('the load runs', () => Promise.resolve(load.ledger.successes.length > 20 || undefined))
    const beginMs = Date.now()
    let struckMs = beginMs
    const healedMs = await fault(() => (struckMs = Date.now()))
    const firstMs = await untilRecovered(load, health, healedMs)
    // What recovers must stay so.
    await wait(500)
    return { beginMs, struckMs, healedMs, firstMs }
  } finally {
    await load.stop()
    await health.close()
  }
}

/** Runs one fault under a load of writes, and compares afterwards what clients were told with what is stored. */
export async function runFault(
  name: string,
  cookie: string,
  fault: Fault,
  { askedExits = 0 } = {},
): Promise<Outcome> {
  const mark = randomUUID()
  const restartsBefore = await restartsOfApi()
  const load = openWriteLoad({ cookie, mark })
  const health = watchHealth()
  const { beginMs, struckMs, healedMs, firstMs } = await underLoad(load, health, fault)
  const findings = await compareLedger(load.ledger, mark)
  const failed = Object.values(load.ledger.failures).reduce((sum, count) => sum + count, 0)
  await load.settle()
  const settled = await compareLedger(load.ledger, mark)
  const row = {
    fault: name,
    acknowledged: load.ledger.acknowledged.size,
    failed,
    lost: findings.lost + settled.lost,
    leaked: findings.leaked + settled.leaked,
    longestWaitMs: Math.max(load.ledger.longestWaitMs, health.longestWaitMs()),
    readyMs: health.recoveryAfter(healedMs),
    firstSuccessMs: firstMs - healedMs,
    exits: (await restartsOfApi()) - restartsBefore - askedExits,
  }
  recordFault(stack().folder, row)
  const fatal = await fatalSince(beginMs)
  return { ...row, ledger: load.ledger, flipMs: health.flipAfter(beginMs, struckMs), fatal }
}
