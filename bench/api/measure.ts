import { setTimeout as wait } from 'node:timers/promises'
import { cpuSeconds } from './cpu-seconds.ts'
import type { Contender } from './open-contender.ts'
import { openLoad, type Requests } from './open-load.ts'

export interface Measurement {
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  /** Of the server process, per request. */
  cpuMicroseconds: number
  /** Share of one core that the server used; well below 1 something else was the bottleneck. */
  serverBusy: number
}

/** Until the connections are open and every one has had its first answers. */
const rampMs = 200

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export const measure = async (
  { pid, port }: Contender,
  requests: Requests,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Measurement> => {
  const load = await openLoad(port, requests, connections)
  try {
    await Promise.race([wait(rampMs), load.failed])
    load.take()
    const [beganMs, cpuBefore] = [performance.now(), cpuSeconds(pid)]
    await Promise.race([wait(seconds * 1000), load.failed])
    const { latenciesMs } = load.take()
    const [elapsed, cpu] = [(performance.now() - beganMs) / 1000, cpuSeconds(pid) - cpuBefore]
    latenciesMs.sort((a, b) => a - b)
    return {
      requestsPerSecond: latenciesMs.length / elapsed,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      cpuMicroseconds: (cpu * 1e6) / latenciesMs.length,
      serverBusy: cpu / elapsed,
    }
  } finally {
    await load.close()
  }
}
