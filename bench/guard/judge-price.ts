import type { GuardPrice } from './compare-pools.ts'

export const leastRatio = 0.95

/** Fewer say nothing about the clock: the median of a handful moves by more than the guard costs. */
const leastPairs = 20

export interface PriceVerdict {
  isWithin: boolean
  lines: string[]
}

function share(value: number): string {
  return value.toFixed(3)
}

/** The clock counts where the machine left enough pairs alone; processor time, which neighbours disturb less, always. */
export function judgePrice({
  pairs,
  perCore,
  throughput,
  undisturbedPairs,
  throughputOfAll,
}: GuardPrice): PriceVerdict {
  const isTimed = undisturbedPairs >= leastPairs
  const isWithin = perCore >= leastRatio && (!isTimed || throughput >= leastRatio)
  const clock = isTimed
    ? `throughput: ${share(throughput)} (median of ${undisturbedPairs} pairs that nothing disturbed)`
    : `throughput: ${share(throughputOfAll)} (median of all ${pairs} pairs; not judged, something else had the processor in all but ${undisturbedPairs})`
  return {
    isWithin,
    lines: [
      `guarded pool, bare driver = 1, limit ${leastRatio}: ${isWithin ? 'within' : 'BELOW'}`,
      clock,
      `per second of processor time: ${share(perCore)} (median of ${pairs} pairs)`,
    ],
  }
}
