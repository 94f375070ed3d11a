import { setTimeout as wait } from 'node:timers/promises'
import { launchByName, openSilentResolver, resolve, whyNoNamespace } from '../api-launch.ts'
import type { Stage } from '../stage.ts'
import { holdMs, type Fault } from './fault.ts'
import { terminateAll } from './our-backends.ts'

/** Whoever asks learns nothing: at once when nobody listens, late when the resolver is silent. */
async function withoutName(stage: Stage): Promise<void> {
  await resolve(stage.folder, false)
  await terminateAll(stage)
  await wait(holdMs)
  await resolve(stage.folder, true)
}

export const networkFaults: readonly Fault[] = [
  {
    name: 'network frozen for 10 s',
    isAway: true,
    run: async ({ proxy }) => {
      proxy.freeze()
      await wait(10_000)
      proxy.thaw()
    },
  },
  {
    name: 'network parted for 7 s, then healed',
    isAway: true,
    run: async ({ proxy }, random) => {
      proxy.partition()
      await wait(7_000)
      proxy.heal(random.pick(['silent', 'half-closed', 'reset']))
    },
  },
  {
    name: 'network parted for 2 s, then healed',
    run: async ({ proxy }, random) => {
      proxy.partition()
      await wait(2_000)
      proxy.heal(random.pick(['silent', 'half-closed', 'reset']))
    },
  },
  {
    name: 'server refuses for 3 s',
    isAway: true,
    run: async ({ proxy }) => {
      await proxy.goAway()
      await wait(holdMs)
      await proxy.comeBack()
    },
  },
  {
    name: 'connections forgotten, nobody is told',
    run: ({ proxy }) => {
      proxy.strand()
      return Promise.resolve()
    },
  },
  {
    name: 'connections reset, 10 times',
    run: async ({ proxy }, random) => {
      for (let round = 0; round < 10; round += 1) {
        proxy.reset()
        await wait(random.between(1, 200))
      }
    },
  },
  {
    name: 'connections half-closed, 10 times',
    run: async ({ proxy }, random) => {
      for (let round = 0; round < 10; round += 1) {
        proxy.hangUp()
        await wait(random.between(1, 200))
      }
    },
  },
  {
    name: 'FIN at start-up for 3 s',
    isAway: true,
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
    name: 'DNS gone for 3 s, connections cut',
    isAway: true,
    missing: whyNoNamespace,
    launch: ({ folder }) => launchByName(folder),
    run: withoutName,
  },
  {
    name: 'DNS silent for 3 s, connections cut',
    isAway: true,
    missing: whyNoNamespace,
    launch: ({ folder }) => launchByName(folder),
    run: async (stage) => {
      const close = await openSilentResolver()
      try {
        await withoutName(stage)
      } finally {
        close()
      }
    },
  },
]
