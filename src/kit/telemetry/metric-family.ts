export interface MetricFamily {
  /** By convention: unit last, `_total` for counters. */
  name: string
  type: 'gauge' | 'counter'
  help: string
  /** Of every sample, in this order; none without it. What is not named here is not exported. */
  labels?: readonly string[]
  /** None: the family is left out of the scrape, so that an alert on its absence can fire. */
  samples: MetricSample[]
}

interface MetricSample {
  labels?: Record<string, string>
  value: number
}

export interface Scrape {
  backupsFolder: string
  now: Date
}

/**
 * What one room knows of itself, read from the disk at the time of the scrape: nothing is kept in memory. A family stands in it
 * with or without samples: docs/reference/metrics.md is generated from an empty folder.
 */
export type MetricsReader = (scrape: Scrape) => Promise<MetricFamily[]>

export function secondsOf(time: string): number {
  return Date.parse(time) / 1_000
}
