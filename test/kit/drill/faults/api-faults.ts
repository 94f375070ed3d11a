import { setTimeout as wait } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { hungryLaunch, launchWithClock, shiftClock, whyNoClock } from '../api-launch.ts'
import type { Stage } from '../stage.ts'
import { holdMs, type Fault } from './fault.ts'

export async function killApi(stage: Stage): Promise<void> {
  await stage.api.close()
  await stage.startApi()
}

/** Its heap fills up while requests go on, as with a leak; V8 ends it. */
async function starveApi(stage: Stage): Promise<void> {
  const { api } = stage
  api.kill('SIGUSR2')
  const ended = await Promise.race([
    api.exited,
    wait(30_000).then(() => {
      throw new Error('the API lived on without memory')
    }),
  ])
  if (!/heap out of memory/i.test(api.stderr())) {
    throw new Error(`the API died of something else: ${JSON.stringify(ended)} ${api.stderr().slice(0, 300)}`)
  }
  await stage.startApi()
}

async function clockOfApi({ api }: Stage): Promise<number> {
  const answer = await fetch(`${api.url}/livez`)
  await answer.text()
  return Date.parse(answer.headers.get('date') ?? '') - Date.now()
}

async function jump(stage: Stage, seconds: number): Promise<void> {
  await shiftClock(stage.folder, seconds)
  await until(
    `the API is ${seconds} s ahead`,
    async () => Math.abs((await clockOfApi(stage)) - seconds * 1_000) < 5_000,
  )
  await wait(holdMs)
}

async function jumpAround(stage: Stage): Promise<void> {
  for (const seconds of [3_600, 0, -3_600, 0]) await jump(stage, seconds)
}

export const apiFaults: readonly Fault[] = [
  { name: 'API killed (-9) in mid-request', endsApi: true, run: killApi },
  {
    name: 'API told to end (SIGTERM) under load',
    endsApi: true,
    run: async (stage) => {
      stage.api.kill('SIGTERM')
      await stage.api.exited
      await stage.startApi()
    },
  },
  { name: 'API out of memory', endsApi: true, launch: () => Promise.resolve(hungryLaunch), run: starveApi },
  {
    name: "API's clock one hour forward and back",
    missing: whyNoClock,
    launch: ({ folder }) => launchWithClock(folder),
    run: jumpAround,
  },
]
