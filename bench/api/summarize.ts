import type { Measurement } from './measure.ts'

export interface Row {
  case: string
  contender: string
  /** Medians over the rounds. */
  median: Measurement
  /** Medians as a share of the median of bare; latencies above 1 are slower. */
  ofBare: {
    throughput: number
    /** Of requests per second of the server's own processor time. */
    perCore: number
    p50: number
    p99: number
  }
  /** Lowest and highest share of throughput within one round, where noise hits all alike. */
  spread: [number, number]
}

export interface Series {
  case: string
  contender: string
  measurements: Measurement[]
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2
}

function medians(measurements: readonly Measurement[]): Measurement {
  const of = (key: keyof Measurement): number => median(measurements.map((each) => each[key]))
  return {
    requestsPerSecond: of('requestsPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuMicroseconds: of('cpuMicroseconds'),
    ran: of('ran'),
    waited: of('waited'),
  }
}

function compare(series: Series, bare: Series): Row {
  const [own, theirs] = [medians(series.measurements), medians(bare.measurements)]
  const shares = series.measurements.map(
    (each, round) => each.requestsPerSecond / (bare.measurements[round]?.requestsPerSecond ?? Number.NaN),
  )
  return {
    case: series.case,
    contender: series.contender,
    median: own,
    ofBare: {
      throughput: own.requestsPerSecond / theirs.requestsPerSecond,
      perCore: theirs.cpuMicroseconds / own.cpuMicroseconds,
      p50: own.p50Ms / theirs.p50Ms,
      p99: own.p99Ms / theirs.p99Ms,
    },
    spread: [Math.min(...shares), Math.max(...shares)],
  }
}

/** Every series beside the bare one of its case. */
export function summarize(all: readonly Series[], bareName: string): Row[] {
  return all.map((series) => {
    const bare = all.find((each) => each.case === series.case && each.contender === bareName)
    if (bare === undefined) throw new Error(`nothing to compare ${series.case} with`)
    return compare(series, bare)
  })
}
