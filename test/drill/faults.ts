import { setTimeout as wait } from 'node:timers/promises'
import type { Stage } from './stage.ts'

export interface Fault {
  name: string
  /** Begins the fault, holds it, ends it. When it returns the database accepts again, and so does the API. */
  run: (stage: Stage) => Promise<void>
  /** Kills the API itself on purpose. */
  endsApi?: true
}

const holdMs = 3_000

const killBackends = (stage: Stage) =>
  stage.admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'slipway-api'`

const restart = async (stage: Stage, signal: NodeJS.Signals, downMs: number): Promise<void> => {
  process.kill(stage.postgres.pid(), signal)
  await stage.postgres.ended()
  await wait(downMs)
  await stage.postgres.start()
}

const withDatabase = async (stage: Stage, on: string, off: string): Promise<void> => {
  await stage.admin.unsafe(on)
  await killBackends(stage)
  await wait(holdMs)
  await stage.admin.unsafe(off)
  await killBackends(stage)
}

/** What may happen to a database and to the process before it. */
export const faults: readonly Fault[] = [
  {
    name: 'every backend killed, 20 times',
    run: async (stage) => {
      for (let round = 0; round < 20; round += 1) {
        await killBackends(stage)
        await wait(100)
      }
    },
  },
  { name: 'server killed (-9), 3 s down', run: (stage) => restart(stage, 'SIGKILL', holdMs) },
  { name: 'server restarted, fast', run: (stage) => restart(stage, 'SIGINT', 0) },
  { name: 'server restarted, immediate', run: (stage) => restart(stage, 'SIGQUIT', 0) },
  {
    name: 'server frozen for 10 s',
    run: async ({ proxy }) => {
      proxy.freeze()
      await wait(10_000)
      proxy.thaw()
    },
  },
  {
    name: 'server refuses for 3 s',
    run: async ({ proxy }) => {
      await proxy.goAway()
      await wait(holdMs)
      await proxy.comeBack()
    },
  },
  {
    name: 'connections forgotten (failover)',
    run: async ({ proxy }) => {
      proxy.strand()
      await wait(0)
    },
  },
  {
    name: 'connections reset',
    run: async ({ proxy }) => {
      proxy.reset()
      await wait(0)
    },
  },
  {
    name: 'FIN at start-up for 3 s',
    run: async ({ proxy }) => {
      proxy.hangUpOnArrival(true)
      proxy.hangUp()
      await wait(holdMs)
      proxy.hangUpOnArrival(false)
    },
  },
  {
    name: '300 ms slower for 3 s',
    run: async ({ proxy }) => {
      proxy.delayBy(300)
      await wait(holdMs)
      proxy.delayBy(0)
    },
  },
  {
    name: 'hot table locked for 3 s',
    run: async ({ admin }) => {
      await admin.begin(async (tx) => {
        await tx`lock table itineraries in access exclusive mode`
        await wait(holdMs)
      })
    },
  },
  {
    name: 'too many connections (53300)',
    run: (stage) =>
      withDatabase(
        stage,
        'alter database drill connection limit 0',
        'alter database drill connection limit -1',
      ),
  },
  {
    name: 'server is read-only (25006)',
    run: (stage) =>
      withDatabase(
        stage,
        'alter database drill set default_transaction_read_only = on',
        'alter database drill reset default_transaction_read_only',
      ),
  },
  {
    name: 'API killed (-9)',
    endsApi: true,
    run: async (stage) => {
      await stage.api.close()
      await stage.startApi()
    },
  },
  {
    name: 'API told to end (SIGTERM)',
    endsApi: true,
    run: async (stage) => {
      stage.api.kill('SIGTERM')
      await stage.api.exited
      await stage.startApi()
    },
  },
]
