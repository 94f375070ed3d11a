import { setTimeout as wait } from 'node:timers/promises'

import { request } from '../../../support/stack.ts'

export interface HealthWatch {
  isWell: () => boolean
  /** From `struckMs` until health turned red, which it may have done on the way there; undefined when it never did. */
  flipAfter: (beginMs: number, struckMs: number) => number | undefined
  /** From `sinceMs` until it was green and stayed so. */
  recoveryAfter: (sinceMs: number) => number
  longestWaitMs: () => number
  close: () => Promise<void>
}

const intervalMs = 50

/** Asks /api/health/db through Caddy all the time: what readiness asks the database, as it shows from outside. */
export function watchHealth(): HealthWatch {
  const answers: { atMs: number; isWell: boolean; tookMs: number }[] = []
  let isOpen = true
  const ask = async (): Promise<void> => {
    while (isOpen) {
      const beginMs = Date.now()
      const status = await request('/api/health/db').then(
        (answer) => answer.status,
        () => 0,
      )
      answers.push({ atMs: Date.now(), isWell: status === 200, tookMs: Date.now() - beginMs })
      await wait(intervalMs)
    }
  }
  const asking = ask()
  return {
    isWell: () => answers.at(-1)?.isWell === true,
    flipAfter: (beginMs, struckMs) => {
      const red = answers.find(({ atMs, isWell }) => atMs >= beginMs && !isWell)
      return red && Math.max(0, red.atMs - struckMs)
    },
    recoveryAfter: (sinceMs) => {
      const lastRed = answers.findLastIndex(({ atMs, isWell }) => atMs >= sinceMs && !isWell)
      return lastRed === -1 ? 0 : (answers[lastRed + 1]?.atMs ?? Infinity) - sinceMs
    },
    longestWaitMs: () => Math.max(...answers.map(({ tookMs }) => tookMs)),
    close: async () => {
      isOpen = false
      await asking
    },
  }
}
