import { setTimeout as wait } from 'node:timers/promises'
import { proof } from '#app/proof'
import { until } from '../../support/until.ts'
import { shortIdleLaunch } from '../api-launch.ts'
import type { Stage } from '../stage.ts'
import { holdMs, type Fault } from './fault.ts'
import { countIdleInTransaction, terminateAll, terminateInTransactions } from './our-backends.ts'

const wanted = 50

/** Backends die while their transactions are open, until that has happened often enough to mean something. */
async function terminateManyInTransactions(stage: Stage): Promise<void> {
  let ended = 0
  await until(
    `${wanted} transactions lost their backend`,
    async () => {
      ended += await terminateInTransactions(stage)
      return ended >= wanted
    },
    { deadlineMs: 30_000, explain: () => `only ${ended} did` },
  )
}

function signalOurs(stage: Stage, signal: NodeJS.Signals): void {
  process.kill(stage.api.pid, signal)
  process.kill(stage.writers.pid, signal)
}

/** Stopped like a machine that is paused, at a moment when a transaction waits for its next statement. */
function pauseInTransaction(stage: Stage): Promise<void> {
  return until('a transaction is open while its client stands still', async () => {
    signalOurs(stage, 'SIGSTOP')
    if ((await countIdleInTransaction(stage)) > 0) return true
    signalOurs(stage, 'SIGCONT')
    return false
  }).then(() => undefined)
}

async function outlastIdleTimeout(stage: Stage): Promise<void> {
  try {
    await pauseInTransaction(stage)
    await until('the server has ended them', async () => (await countIdleInTransaction(stage)) === 0)
    await wait(holdMs / 2)
  } finally {
    signalOurs(stage, 'SIGCONT')
  }
}

export const transactionFaults: readonly Fault[] = [
  {
    name: 'every backend terminated, 20 times',
    run: async (stage, random) => {
      for (let round = 0; round < 20; round += 1) {
        await terminateAll(stage)
        await wait(random.between(20, 200))
      }
    },
  },
  { name: `${wanted} backends terminated inside transactions`, run: terminateManyInTransactions },
  {
    name: 'idle-in-transaction time-out',
    launch: () => Promise.resolve(shortIdleLaunch),
    run: outlastIdleTimeout,
  },
  {
    name: 'hot table locked for 3 s',
    run: async ({ admin }) => {
      await admin.begin(async (tx) => {
        await tx`lock table ${tx(proof.row.table)}, drill_marks in access exclusive mode`
        await wait(holdMs)
      })
    },
  },
]
