import { setTimeout as wait } from 'node:timers/promises'
import postgres, { type Sql } from 'postgres'
import { until } from '../../support/until.ts'
import type { Stage } from '../stage.ts'
import { holdMs, type Fault } from './fault.ts'
import { anyBackend, countOurs, terminateAll } from './our-backends.ts'

export async function restartServer(stage: Stage, signal: NodeJS.Signals, downMs: number): Promise<void> {
  process.kill(stage.postgres.pid(), signal)
  await stage.postgres.ended()
  await wait(downMs)
  await stage.postgres.start()
}

/** Killed hard, one backend takes the whole server through crash recovery. */
export async function killBackend(stage: Stage): Promise<void> {
  const pid = await anyBackend(stage)
  process.kill(pid, 'SIGKILL')
  await until('the server is through crash recovery', () =>
    stage.admin`select 1 from pg_stat_activity where pid = ${pid} and backend_type = 'client backend'`.then(
      (rows) => rows.length === 0,
      () => false,
    ),
  )
}

async function withDatabase(stage: Stage, on: string, off: string): Promise<void> {
  await stage.admin.unsafe(on)
  await terminateAll(stage)
  await wait(holdMs)
  await stage.admin.unsafe(off)
  await terminateAll(stage)
}

/** A connection that sits on its place; none when the server refuses it. */
async function occupy(url: string): Promise<Sql | undefined> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined })
  try {
    await sql`select 1`
    return sql
  } catch {
    await sql.end({ timeout: 0 })
    return undefined
  }
}

async function occupyAll(stage: Stage): Promise<void> {
  const held: Sql[] = []
  try {
    await until('every place of the server is taken by others', async () => {
      await terminateAll(stage)
      const taken = await Promise.all(Array.from({ length: 30 }, () => occupy(stage.url('monitor'))))
      held.push(...taken.filter((each) => each !== undefined))
      return taken.includes(undefined) && (await countOurs(stage)) === 0
    })
    await wait(holdMs)
  } finally {
    await Promise.all(held.map((each) => each.end({ timeout: 0 })))
  }
}

async function failOver(stage: Stage): Promise<void> {
  stage.postgres.signalAll('SIGKILL')
  await stage.postgres.ended()
  await wait(2_500)
  await stage.moveToStandby()
  // Now it answers, and refuses to write.
  await wait(1_000)
  await stage.admin`select pg_promote(true, 30)`
}

export const serverFaults: readonly Fault[] = [
  {
    name: 'one backend terminated',
    run: async (stage) => {
      await stage.admin`select pg_terminate_backend(${await anyBackend(stage)})`
    },
  },
  { name: 'one backend killed (-9), crash recovery', run: killBackend },
  {
    name: 'server killed (-9), 3 s down',
    isAway: true,
    run: (stage) => restartServer(stage, 'SIGKILL', holdMs),
  },
  { name: 'server restarted, fast', run: (stage) => restartServer(stage, 'SIGINT', 0) },
  { name: 'server restarted, immediate', run: (stage) => restartServer(stage, 'SIGQUIT', 0) },
  {
    name: 'server frozen for 10 s (SIGSTOP)',
    isAway: true,
    run: async ({ postgres: server }) => {
      server.signalAll('SIGSTOP')
      await wait(10_000)
      server.signalAll('SIGCONT')
    },
  },
  { name: 'every connection taken (53300)', isAway: true, run: occupyAll },
  {
    name: 'connection limit of the database is 0 (53300)',
    isAway: true,
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
    name: 'primary killed, standby promoted',
    needs: 'with standby',
    isAway: true,
    spendsStage: true,
    run: failOver,
  },
]
