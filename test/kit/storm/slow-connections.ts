import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { proof } from '#app/proof'
import type { Lasted } from './drip.ts'
import type { Figure } from './figure.ts'
import { keepProbing } from './probes.ts'
import type { StormStage } from './storm-stage.ts'

interface Options {
  /** For how long 500 connections at a time are kept up. */
  seconds: number
}

const connections = 500
/** What the design gives a head, and a whole request; Node looks once a second. */
const limitsMs = { head: 5_000, body: 15_000 }
const checkMs = 1_000
/** For the machine, which has both sides of 500 connections to serve. */
const slackMs = 500

interface Attack {
  stop: () => Promise<Lasted>
}

/** On the core of the load generator: what it costs to attack is nothing that the others should wait for. */
function attack({ api, cookie, flood }: StormStage): Attack {
  const args = [
    'test/kit/storm/drip.ts',
    `--port=${api.port}`,
    `--path=${proof.row.path}`,
    `--cookie=${cookie}`,
    `--connections=${connections}`,
  ]
  const child = spawn('taskset', ['--cpu-list', flood.cores, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said = text(child.stdout)
  return {
    stop: async () => {
      child.kill('SIGTERM')
      return JSON.parse(await said) as Lasted
    },
  }
}

function most(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values)
}

/** Heads and bodies that come byte by byte, while others ask as ever. */
export async function slowConnections(stage: StormStage, { seconds }: Options): Promise<Figure[]> {
  const urls = [`${stage.url}${proof.row.path}?limit=20`]
  const headers = { cookie: stage.cookie }
  const measure = async (): Promise<ReturnType<ReturnType<typeof keepProbing>['stop']>> => {
    const probing = keepProbing(urls, 10, headers)
    await wait((seconds * 1_000) / 2)
    return probing.stop()
  }
  await measure()
  const quiet = await measure()
  const attacking = attack(stage)
  const first = await measure()
  const second = await measure()
  const { head, body } = await attacking.stop()
  const worstP99 = Math.max(first.p99Ms, second.p99Ms)
  return [
    { name: 'slow connections that were closed', value: head.length + body.length, unit: '' },
    {
      name: 'slow head, closed after at most',
      value: most(head),
      unit: 'ms',
      atMost: limitsMs.head + checkMs + slackMs,
    },
    {
      name: 'slow body, closed after at most',
      value: most(body),
      unit: 'ms',
      atMost: limitsMs.body + checkMs + slackMs,
    },
    { name: 'p99 of others before', value: quiet.p99Ms, unit: 'ms' },
    { name: 'p99 of others meanwhile, before = 1', value: worstP99 / quiet.p99Ms, unit: 'times', atMost: 2 },
    { name: 'others that were not served', value: first.failures + second.failures, unit: '', atMost: 0 },
  ]
}
