import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'

export interface PoolSample {
  inUse: number
  size: number
  waiting: number
}

export interface MetricDescription {
  name: string
  type: string
  help: string
  labels: readonly string[]
}

export interface Metrics {
  observeRequest: (method: string, route: string, status: number, seconds: number) => void
  /** Creates the series of a route at 0: a counter that is born at 1 hides its first event from `increase()`. */
  registerRoute: (method: string, route: string) => void
  /** Counts a request that was refused before routing, as method `any`, route `shed`. */
  countShed: () => void
  beginRequest: () => void
  endRequest: () => void
  observeQuery: (seconds: number, outcome: string) => void
  /** `sample` is called at each scrape. */
  watchPool: (sample: () => PoolSample) => void
  jobs: JobMetrics
  render: () => Promise<string>
  /** Lists the metrics for docs/reference/metrics.md. */
  describe: () => MetricDescription[]
  contentType: string
}

interface MetricsSettings {
  version: string
  revision: string
}

// No bound is a whole number: Prometheus 3 rewrites le="1" to "1.0", which would break a series in two.
const requestBounds = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.001, 2.5, 5.001, 8.001]
const queryBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.001, 2.5, 6.001]
const registeredStatus = '200'

function createBuildInfo(registry: Registry, settings: MetricsSettings): void {
  new Gauge({
    name: 'build_info',
    help: 'Always 1; version and revision of the running code.',
    labelNames: ['version', 'revision'],
    registers: [registry],
  }).set({ version: settings.version, revision: settings.revision }, 1)
}

/** Counts requests in a plain map and copies them at scrape time, because prom-client hashes labels on each call. */
function createRequestCounter(
  registry: Registry,
): (method: string, route: string, status: string) => { seen: number } {
  const pending = new Map<string, { seen: number; labels: Record<string, string> }>()
  const counter = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect: () => {
      for (const each of pending.values()) {
        counter.inc(each.labels, each.seen)
        each.seen = 0
      }
    },
  })
  return (method, route, status) => {
    const key = `${method} ${route} ${status}`
    const known = pending.get(key)
    if (known !== undefined) return known
    const born = { seen: 0, labels: { method, route, status } }
    pending.set(key, born)
    return born
  }
}

function createRequestTimer(
  registry: Registry,
): (method: string, route: string) => Histogram.Internal<string> {
  const children = new Map<string, Histogram.Internal<string>>()
  const histogram = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer, by method and route pattern.',
    labelNames: ['method', 'route'],
    buckets: requestBounds,
    registers: [registry],
  })
  return (method, route) => {
    const key = `${method} ${route}`
    const known = children.get(key)
    if (known !== undefined) return known
    histogram.zero({ method, route })
    const born = histogram.labels(method, route)
    children.set(key, born)
    return born
  }
}

function createQueryTimer(registry: Registry): Metrics['observeQuery'] {
  const histogram = new Histogram({
    name: 'database_query_duration_seconds',
    help: 'Time of a statement, the wait for a connection included, by outcome.',
    labelNames: ['outcome'],
    buckets: queryBounds,
    registers: [registry],
  })
  const outcomes = ['ok', 'error', 'unavailable']
  for (const outcome of outcomes) histogram.zero({ outcome })
  const children = new Map(outcomes.map((outcome) => [outcome, histogram.labels(outcome)]))
  return (seconds, outcome) => (children.get(outcome) ?? histogram.labels(outcome)).observe(seconds)
}

function createPoolGauge(registry: Registry): Metrics['watchPool'] {
  let sample: (() => PoolSample) | undefined
  const gauge = new Gauge({
    name: 'database_pool_connections',
    help: 'Connections of the pool by state; waiting counts statements that have none yet.',
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      const now = sample?.()
      if (now === undefined) return
      gauge.set({ state: 'in_use' }, now.inUse)
      gauge.set({ state: 'size' }, now.size)
      gauge.set({ state: 'waiting' }, now.waiting)
    },
  })
  return (next) => (sample = next)
}

/** prom-client stores label names without declaring them in its types. */
function labelsOf(metric: object): readonly string[] {
  return 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames.map(String) : []
}

function describeMetrics(registry: Registry): MetricDescription[] {
  return registry.getMetricsAsArray().map((metric) => {
    const { name, help, type } = metric
    return { name, help, type: String(type), labels: labelsOf(metric) }
  })
}

/** Creates every metric of the API; prom-client is imported only here and in job-metrics.ts. */
export function createMetrics(settings: MetricsSettings): Metrics {
  const registry = new Registry()
  // The monitor of the event loop wakes the process at this interval, in ms: at 10, the default, that is half of what idling costs.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 })
  createBuildInfo(registry, settings)
  const requests = createRequestCounter(registry)
  const durations = createRequestTimer(registry)
  const shed = requests('any', 'shed', '503')
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that have begun and not ended.',
    registers: [registry],
  })
  return {
    observeRequest: (method, route, status, seconds) => {
      requests(method, route, String(status)).seen += 1
      durations(method, route).observe(seconds)
    },
    registerRoute: (method, route) => {
      requests(method, route, registeredStatus)
      durations(method, route)
    },
    countShed: () => {
      shed.seen += 1
    },
    beginRequest: () => inFlight.inc(),
    endRequest: () => inFlight.dec(),
    observeQuery: createQueryTimer(registry),
    watchPool: createPoolGauge(registry),
    jobs: createJobMetrics(registry),
    render: () => registry.metrics(),
    describe: () => describeMetrics(registry),
    contentType: registry.contentType,
  }
}
