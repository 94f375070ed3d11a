import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from './faults/fault.ts'
import { killApi } from './faults/api-faults.ts'
import { terminateAll } from './faults/our-backends.ts'
import { killBackend, restartServer } from './faults/server-faults.ts'
import { mergeRows, type Row } from './judge.ts'
import { createRandom } from './random.ts'
import { runFault } from './run-fault.ts'
import type { StageKeeper } from './stage-keeper.ts'

const kills: readonly [Fault, ...Fault[]] = [
  {
    name: 'many: server killed (-9)',
    run: async (stage, random) => {
      await wait(random.between(0, 500))
      await restartServer(stage, 'SIGKILL', random.between(0, 1_000))
    },
  },
  { name: 'many: one backend killed (-9)', run: killBackend },
  {
    name: 'many: every backend terminated',
    run: async (stage) => {
      await terminateAll(stage)
    },
  },
  { name: 'many: API killed (-9)', endsApi: true, run: killApi },
]

interface MassSettings {
  kills: number
  writes: number
  seed: number
}

/** Kills by the seed's choice, spread over so many acknowledged writes; a row for each kind. */
export async function runMassForm(keeper: StageKeeper, settings: MassSettings): Promise<Row[]> {
  const random = createRandom(settings.seed, 'many')
  const rows = new Map<string, Row>()
  let acknowledged = 0
  for (let run = 0; run < settings.kills; run += 1) {
    const fault = random.pick(kills)
    const writesBefore = Math.max(0, settings.writes - acknowledged) / (settings.kills - run)
    const stage = await keeper.stageFor(fault)
    const row = await runFault(stage, fault, {
      seed: settings.seed,
      run,
      clients: 3,
      writers: { poolSize: 16, transactions: 0.1 },
      writesBefore,
    })
    acknowledged += row.acknowledged
    const sofar = rows.get(fault.name)
    rows.set(fault.name, sofar === undefined ? row : mergeRows(sofar, row))
    process.stderr.write(`kill ${run + 1} of ${settings.kills}, ${acknowledged} writes acknowledged\n`)
  }
  return [...rows.values()]
}
