/** How long writes took and when they succeeded, in the memory of a few thousand. */
export interface Stopwatch {
  time: <T>(work: () => Promise<T>, isSuccess: (result: T) => boolean) => Promise<T>
  longestMs: () => number
  /** When the first write after `sinceMs` succeeded. */
  firstSuccessAfter: (sinceMs: number) => number | undefined
}

const kept = 20_000

export function createStopwatch(): Stopwatch {
  const successes: number[] = []
  let longestMs = 0
  return {
    time: async (work, isSuccess) => {
      const begin = performance.now()
      const result = await work()
      const end = performance.now()
      longestMs = Math.max(longestMs, end - begin)
      if (isSuccess(result)) successes.push(end)
      if (successes.length > 2 * kept) successes.splice(0, kept)
      return result
    },
    longestMs: () => longestMs,
    firstSuccessAfter: (sinceMs) => successes.find((ms) => ms >= sinceMs),
  }
}
