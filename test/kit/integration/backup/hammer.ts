import { openClient } from './open-client.ts'

export interface Hammer {
  answers: () => number
  longestGapMs: () => number
  stop: () => Promise<void>
}

/**
 * Asks without a pause, on a new connection after each failure: a statement that is sent between the error and the
 * close of its socket is never settled by the driver (3.4.9).
 */
export function hammer(url: string): Hammer {
  const stop = new AbortController()
  const isOver = (): boolean => stop.signal.aborted
  let answers = 0
  let longestGapMs = 0
  const work = async (): Promise<void> => {
    let lastMs = performance.now()
    while (!isOver()) {
      const client = openClient(url)
      try {
        for (;;) {
          await client`select 1`
          longestGapMs = Math.max(longestGapMs, performance.now() - lastMs)
          lastMs = performance.now()
          answers += 1
          if (isOver()) break
        }
      } catch {
        // Cut, as it was meant to be.
      }
      await client.end({ timeout: 0 })
    }
  }
  const working = work()
  return {
    answers: () => answers,
    longestGapMs: () => longestGapMs,
    stop: async () => {
      stop.abort()
      await working
    },
  }
}
