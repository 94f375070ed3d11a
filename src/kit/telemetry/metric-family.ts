export interface MetricFamily {
  /** By convention: unit last, `_total` for counters. */
  name: string
  type: 'gauge' | 'counter'
  help: string
  /** Label names of every sample, in this order; other labels are not exported. */
  labels?: readonly string[]
  /** When empty, the family is left out of the scrape, so that an alert on its absence can fire. */
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
 * Reads the metrics of one room from the disk at each scrape; no state is kept in memory. A family is returned even
 * without samples, because docs/reference/metrics.md is generated from an empty folder.
 */
export type MetricsReader = (scrape: Scrape) => Promise<MetricFamily[]>

export function secondsOf(time: string): number {
  return Date.parse(time) / 1_000
}
