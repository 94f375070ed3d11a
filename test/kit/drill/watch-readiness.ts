import { setTimeout as wait } from 'node:timers/promises'

export interface ReadinessWatch {
  isReady: () => boolean
  /** From `sinceMs` until readiness turned red; NaN when it never did. */
  flipAfter: (sinceMs: number) => number
  /** From `sinceMs` until it was green for good; 0 when it was so already. */
  recoveryAfter: (sinceMs: number) => number
  close: () => Promise<void>
}

const intervalMs = 50

/** Asks /readyz all the time, as a proxy would. */
export function watchReadiness(url: () => string): ReadinessWatch {
  const answers: { atMs: number; isReady: boolean }[] = []
  let isOpen = true
  const ask = async (): Promise<void> => {
    while (isOpen) {
      const isReady = await fetch(`${url()}/readyz`).then(
        async (answer) => (await answer.text(), answer.status === 200),
        () => false,
      )
      answers.push({ atMs: performance.now(), isReady })
      await wait(intervalMs)
    }
  }
  const asking = ask()
  const firstAfter = (sinceMs: number, wanted: boolean): number =>
    (answers.find(({ atMs, isReady }) => atMs >= sinceMs && isReady === wanted)?.atMs ?? NaN) - sinceMs
  const recoveryAfter = (sinceMs: number): number => {
    const lastRed = answers.findLast(({ isReady }) => !isReady)?.atMs ?? 0
    return Math.max(0, firstAfter(lastRed, true) + lastRed - sinceMs)
  }
  return {
    isReady: () => answers.at(-1)?.isReady === true,
    flipAfter: (sinceMs) => firstAfter(sinceMs, false),
    recoveryAfter,
    close: async () => {
      isOpen = false
      await asking
    },
  }
}
