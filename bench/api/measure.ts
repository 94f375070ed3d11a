import { setTimeout as wait } from 'node:timers/promises'
import type { Contender } from './open-contender.ts'
import { openLoad, type Requests } from './open-load.ts'
import { processorTime } from './processor-time.ts'

export interface Measurement {
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  /** Of the server process, per request. */
  cpuMicroseconds: number
  /** Share of one core that the server used; well below 1 something else was the bottleneck. */
  ran: number
  /** Share of the time in which the server could have run and something else had its core. */
  waited: number
}

/** Until the connections are open and every one has had its first answers. */
const rampMs = 200

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export async function measure(
  { pid, port }: Contender,
  requests: Requests,
  { seconds, connections }: { seconds: number; connections: number },
): Promise<Measurement> {
  const load = await openLoad(port, requests, connections)
  try {
    await Promise.race([wait(rampMs), load.failed])
    load.take()
    const [beganMs, before] = [performance.now(), processorTime(pid)]
    await Promise.race([wait(seconds * 1000), load.failed])
    const [endedMs, after] = [performance.now(), processorTime(pid)]
    const { latenciesMs } = load.take()
    const elapsed = (endedMs - beganMs) / 1000
    const used = after.usedSeconds - before.usedSeconds
    latenciesMs.sort((a, b) => a - b)
    return {
      requestsPerSecond: latenciesMs.length / elapsed,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      cpuMicroseconds: (used * 1e6) / latenciesMs.length,
      ran: used / elapsed,
      waited: (after.waitedSeconds - before.waitedSeconds) / elapsed,
    }
  } finally {
    await load.close()
  }
}
