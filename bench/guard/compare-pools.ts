import type { Sql } from 'postgres'
import { processorTime } from '../api/processor-time.ts'
import { median } from '../api/summarize.ts'

export interface GuardPrice {
  pairs: number
  /** Queries per second of this process's own processor time in the guarded pool, bare driver = 1; median over the pairs. */
  perCore: number
  /** The same by the clock, over those pairs that nothing else disturbed; NaN when there were none. */
  throughput: number
  undisturbedPairs: number
  /** By the clock over all pairs, whatever else went on. */
  throughputOfAll: number
}

interface Settings {
  clients: number
  pairs: number
  /** Of one measurement. */
  seconds: number
}

interface Slice {
  perSecond: number
  perCore: number
  /** Share of the time in which this process could have run and something else had its core. */
  waited: number
}

const mostWaited = 0.05

const query = 'select oid, typname from pg_type where oid = $1'

async function measure(sql: Sql, { clients, seconds }: Settings): Promise<Slice> {
  const [cpu, before, begin] = [process.cpuUsage(), processorTime(process.pid), performance.now()]
  const end = begin + seconds * 1_000
  let answered = 0
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await sql.unsafe(query, [25], { prepare: true }).values()
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const elapsed = (performance.now() - begin) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return {
    perSecond: answered / elapsed,
    perCore: (answered * 1_000_000) / (user + system),
    waited: (processorTime(process.pid).waitedSeconds - before.waitedSeconds) / elapsed,
  }
}

/**
 * Short measurements in turn, first one and then the other of a pair to begin: what else the machine does hits both
 * alike, and a burst of it spoils a few pairs, which the median leaves out.
 */
export async function comparePools(guarded: Sql, bare: Sql, settings: Settings): Promise<GuardPrice> {
  for (const sql of [guarded, bare, guarded, bare]) await measure(sql, { ...settings, seconds: 1 })
  const pairs: { own: Slice; other: Slice }[] = []
  for (let pair = 0; pair < settings.pairs; pair += 1) {
    const isGuardedFirst = pair % 2 === 0
    const first = await measure(isGuardedFirst ? guarded : bare, settings)
    const second = await measure(isGuardedFirst ? bare : guarded, settings)
    pairs.push(isGuardedFirst ? { own: first, other: second } : { own: second, other: first })
  }
  const byClock = (some: typeof pairs): number =>
    median(some.map(({ own, other }) => own.perSecond / other.perSecond))
  const undisturbed = pairs.filter(({ own, other }) => own.waited <= mostWaited && other.waited <= mostWaited)
  return {
    pairs: pairs.length,
    perCore: median(pairs.map(({ own, other }) => own.perCore / other.perCore)),
    throughput: byClock(undisturbed),
    undisturbedPairs: undisturbed.length,
    throughputOfAll: byClock(pairs),
  }
}
