/**
 * Asks the API for more than it can do, and prints what it did, with the limit of each figure:
 *   npm run storm -- [--short] [--only=overload,turns,largest,slow,body]
 * With --smoke each phase lasts a second: that shows that the scenarios run, and no figure means anything.
 */
import { parseArgs } from 'node:util'
import { createUndoStack, type UndoStack } from '../drill/undo-stack.ts'
import { isWithin, renderFigures, type Figure } from './figure.ts'
import { largeBodies } from './large-bodies.ts'
import { overloadsInTurn, overload } from './overload.ts'
import { slowConnections } from './slow-connections.ts'
import { openStormStage, type StormStage } from './storm-stage.ts'

/** Seconds of each phase, and the number of requests before and after a flood. */
interface Lengths {
  probes: number
  warmUp: number
  closedLoop: number
  flood: number
  turn: number
  slow: number
}

const full: Lengths = { probes: 1_000, warmUp: 15, closedLoop: 3, flood: 15, turn: 10, slow: 60 }
const short: Lengths = { ...full, flood: 5, turn: 5, slow: 20 }
const smoke: Lengths = { probes: 100, warmUp: 1, closedLoop: 1, flood: 1, turn: 1, slow: 1 }

interface Scenario {
  title: string
  run: (stage: StormStage, lengths: Lengths) => Promise<Figure[]>
}

const scenarios: Record<string, Scenario> = {
  overload: {
    title: 'two and ten times more requests than can be answered',
    run: (stage, lengths) => overload(stage, { ...lengths, mix: 'ordinary' }),
  },
  turns: {
    title: 'two, five and ten times more requests, each between two closed loops',
    run: (stage, { warmUp, turn }) =>
      overloadsInTurn(stage, { warmUp, seconds: turn, times: [2, 5, 10, 2, 5, 10] }),
  },
  largest: {
    title: 'two and ten times more of the largest pages than can be answered',
    run: (stage, lengths) => overload(stage, { ...lengths, mix: 'largest' }),
  },
  slow: {
    title: '500 connections that send their requests slowly',
    run: (stage, { slow }) => slowConnections(stage, { seconds: slow }),
  },
  body: {
    title: 'bodies of 1 GB',
    run: (stage) => largeBodies(stage),
  },
}

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    only: { type: 'string', default: 'overload,slow,body' },
  },
})
const lengths = values.smoke ? smoke : values.short ? short : full

const chosen = values.only.split(',').map((name) => {
  const scenario = scenarios[name]
  if (scenario !== undefined) return scenario
  throw new Error(`--only: expected ${Object.keys(scenarios).join(', ')} (got ${name})`)
})

async function run(undo: UndoStack): Promise<boolean> {
  const stage = await openStormStage(undo)
  process.stdout.write(`${stage.pinning}\n`)
  let isWell = true
  for (const scenario of chosen) {
    const figures = await scenario.run(stage, lengths)
    process.stdout.write(`\n${renderFigures(scenario.title, figures)}\n`)
    isWell &&= figures.every(isWithin)
  }
  return isWell
}

const undo = createUndoStack()
// An ordinary exit, so that what is open goes with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  if (!(await run(undo))) {
    process.stderr.write(
      'error: a figure is beyond its limit\nhint: run it alone with --only=NAME on a quiet machine\n',
    )
    process.exitCode = 1
  }
} finally {
  await undo.close()
}
