import { setTimeout as wait } from 'node:timers/promises'
import { proof } from '#app/proof'
import { benchCases } from '../../../bench/api/bench-cases.ts'
import { maxPageSize } from '../../../src/kit/http/rest/page.ts'
import type { Figure } from './figure.ts'
import type { Flood } from './flood-tally.ts'
import { keepProbing, probe, type Probed } from './probes.ts'
import { watchMemory } from './resident-memory.ts'
import { runFlood } from './run-flood.ts'
import type { StormStage } from './storm-stage.ts'

/** Lengths of the phases in seconds, and what is asked. */
interface Options {
  /** Number of single requests before and after the floods. */
  probes: number
  warmUp: number
  closedLoop: number
  flood: number
  mix: 'ordinary' | 'largest'
}

/** Requests offered, as a multiple of the peak, and the least share of the peak in percent that must still be answered. */
const floods = [
  { times: 2, keptAtLeast: 85 },
  { times: 10, keptAtLeast: 45 },
]
const stormConnections = 1_000
/** Around the knee: at the last one the gate is nearly full. */
const closedLoops = [8, 16, 24, 28]

/** As people use it: three lists, one row read and one saved, in turn. */
function ordinaryMix({ ids, cookie }: StormStage): string[] {
  const [reads = [], lists = [], inserts = []] = benchCases(ids, cookie, undefined).map(({ requests }) =>
    requests.map(String),
  )
  const each = (texts: readonly string[], number: number): string => texts[number % texts.length] ?? ''
  return Array.from({ length: 100 }, (_, number) => number).flatMap((number) => [
    each(lists, 0),
    each(reads, number),
    each(lists, 0),
    each(inserts, number),
    each(lists, 0),
  ])
}

/** The costliest that the API has: the share of a refusal in what is asked falls with the price of an answer. */
function largestPages({ ids, cookie }: StormStage): string[] {
  return benchCases(ids, cookie, 'list').flatMap(({ requests }) =>
    requests.map((request) => String(request).replace('?limit=20', `?limit=${maxPageSize}`)),
  )
}

const mixes: Record<Options['mix'], (stage: StormStage) => string[]> = {
  ordinary: ordinaryMix,
  largest: largestPages,
}

function goodput({ good, seconds }: Flood): number {
  return good.count / seconds
}

/** In its first 15 s under load the API gets quicker by a fifth: without them a flood is compared with a peak that was too low. */
async function warmUp(stage: StormStage, requests: readonly string[], seconds: number): Promise<void> {
  await runFlood(stage.flood, { requests, connections: Math.max(...closedLoops), seconds })
}

async function findPeak(stage: StormStage, requests: readonly string[], lengths: Options): Promise<number> {
  await warmUp(stage, requests, lengths.warmUp)
  const loops: Flood[] = []
  for (const connections of closedLoops)
    loops.push(await runFlood(stage.flood, { requests, connections, seconds: lengths.closedLoop }))
  return Math.max(...loops.map(goodput))
}

function floodFigures(peak: number, { times, keptAtLeast }: (typeof floods)[number], flood: Flood): Figure[] {
  return [
    { name: 'offered, open loop', value: flood.sent / flood.seconds, unit: '/s' } as const,
    {
      name: 'kept of the peak',
      value: (100 * goodput(flood)) / peak,
      unit: '%',
      atLeast: keptAtLeast,
    } as const,
    { name: 'p99 of what was admitted', value: flood.good.p99Ms, unit: 'ms', atMost: 1_000 } as const,
    { name: 'refused', value: flood.shed.count / flood.seconds, unit: '/s' } as const,
    { name: 'p99 of what was refused', value: flood.shed.p99Ms, unit: 'ms', atMost: 60 } as const,
    { name: 'refused without Retry-After', value: flood.shedWithoutRetryAfter, unit: '', atMost: 0 } as const,
    { name: 'answers that are neither 2xx nor 503', value: sumOf(flood.other), unit: '', atMost: 0 } as const,
    { name: 'client time-outs', value: flood.timeouts, unit: '', atMost: 0 } as const,
    { name: 'connections broken under a request', value: flood.broken, unit: '', atMost: 0 } as const,
    { name: 'late generator, at worst', value: flood.generatorLagMs, unit: 'ms' } as const,
  ].map((figure) => ({ ...figure, name: `${times} times: ${figure.name}` }))
}

interface Aftermath {
  health: Probed
  before: Probed
  after: Probed
  grownMb: number
  /** Answered 201. */
  created: number
  /** Rows that the floods added to the table. */
  stored: number
}

function aftermathFigures({ health, before, after, grownMb, created, stored }: Aftermath): Figure[] {
  return [
    { name: `rows of ${proof.row.table} acknowledged`, value: created, unit: '', atLeast: 1 },
    { name: 'acknowledged and lost', value: Math.max(0, created - stored), unit: '', atMost: 0 },
    { name: 'health and metrics: probes that failed', value: health.failures, unit: '', atMost: 0 },
    { name: 'health and metrics: slowest probe', value: health.maxMs, unit: 'ms', atMost: 1_000 },
    { name: 'memory grown beyond that at peak', value: grownMb, unit: 'MB', atMost: 64 },
    { name: 'p50 before', value: before.p50Ms, unit: 'ms' },
    {
      name: 'p50 after 3 s of quiet, before = 1',
      value: after.p50Ms / before.p50Ms,
      unit: 'times',
      atMost: 1.5,
    },
    {
      name: 'p99 after 3 s of quiet, before = 1',
      value: after.p99Ms / before.p99Ms,
      unit: 'times',
      atMost: 2,
    },
  ]
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0)
}

/** `work` while the endpoints that must always answer are probed, twenty times a second. */
async function whileProbing<T>(
  { url, metricsUrl, api }: StormStage,
  work: () => Promise<T>,
): Promise<{ result: T; health: Probed; memoryMb: number }> {
  const urls = [`${url}/livez`, `${url}/readyz`, `${url}/api/health/db`, metricsUrl]
  const [probing, memory] = [keepProbing(urls, 50), watchMemory(api.pid)]
  const result = await work()
  return { result, health: await probing.stop(), memoryMb: memory.stop() }
}

/** Twice and ten times the requests that the server can answer, at a constant rate that does not wait for answers. */
export async function overload(stage: StormStage, options: Options): Promise<Figure[]> {
  const requests = mixes[options.mix](stage)
  const ordinary = [
    `${stage.url}${proof.row.path}?limit=20`,
    options.probes,
    { cookie: stage.cookie },
  ] as const
  // Probed at the peak as well, since the probes take their share of the core.
  const { result: peak, memoryMb: atPeakMb } = await whileProbing(stage, () =>
    findPeak(stage, requests, options),
  )
  const before = await probe(...ordinary)
  const rowsBefore = await stage.countRows()
  const { result, health, memoryMb } = await whileProbing(stage, async () => {
    const figures: Figure[] = []
    let created = 0
    for (const each of floods) {
      const settings = { connections: stormConnections, seconds: options.flood, rate: each.times * peak }
      const flood = await runFlood(stage.flood, { requests, ...settings })
      created += flood.created
      figures.push(...floodFigures(peak, each, flood))
    }
    return { figures, created }
  })
  const stored = (await stage.countRows()) - rowsBefore
  await wait(3_000)
  const after = await probe(...ordinary)
  return [
    { name: 'peak goodput, closed loop', value: peak, unit: '/s' },
    ...result.figures,
    ...aftermathFigures({
      ...{ health, before, after, stored, created: result.created },
      grownMb: memoryMb - atPeakMb,
    }),
  ]
}

/**
 * What is kept of the goodput at the knee at some overloads, each between two measurements of that knee: on a machine that is not
 * alone it moves by a fifth within minutes, more than what is asked for here.
 */
export async function overloadsInTurn(
  stage: StormStage,
  options: { warmUp: number; seconds: number; times: readonly number[] },
): Promise<Figure[]> {
  const { seconds, times } = options
  const requests = mixes.ordinary(stage)
  const atKnee = async (): Promise<number> =>
    goodput(await runFlood(stage.flood, { requests, connections: Math.max(...closedLoops), seconds }))
  await warmUp(stage, requests, options.warmUp)
  let before = await atKnee()
  const figures: Figure[] = [{ name: 'goodput at the knee, closed loop', value: before, unit: '/s' }]
  for (const each of times) {
    const flood = await runFlood(stage.flood, {
      requests,
      connections: stormConnections,
      seconds,
      rate: each * before,
    })
    const after = await atKnee()
    const share = (100 * goodput(flood)) / ((before + after) / 2)
    figures.push({ name: `goodput at ${each} times that`, value: share, unit: '%' })
    before = after
  }
  return figures
}
