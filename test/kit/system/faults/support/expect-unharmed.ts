import { expect } from 'vitest'

import type { Outcome } from './run-fault.ts'

/** The API answers whatever happens after 8 s; the rest is the way through the proxy and back, whose own rung is at 20 s. */
const longestMs = 8_500

/** While no replica listens the proxy tries again for so long, before a replica's own time begins. */
const retriesMs = 5_000

/** Nothing lost, nothing left in halves, nobody kept waiting. */
function expectUnharmed(outcome: Outcome, limitMs: number): void {
  expect(outcome).toMatchObject({ lost: 0, leaked: 0, exits: 0 })
  expect(outcome.ledger.refused.size).toBe(0)
  expect(outcome.longestWaitMs).toBeLessThanOrEqual(limitMs)
}

/** The API itself was away, as often as was asked for. */
export function expectApiBack(outcome: Outcome): void {
  expectUnharmed(outcome, longestMs + retriesMs)
}

/** The API lives through whatever its database does, and is ready when that is back. */
export function expectApiUnmoved(outcome: Outcome): void {
  expectUnharmed(outcome, longestMs)
  expect(outcome.fatal).toEqual([])
  expect(outcome.readyMs).toBeLessThanOrEqual(3_000)
}
