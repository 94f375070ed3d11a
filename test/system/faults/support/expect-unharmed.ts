import { expect } from 'vitest'

import type { Outcome } from './run-fault.ts'

/** The figures of the design for any fault: nothing lost, nothing left in halves, nobody kept waiting. */
export const expectUnharmed = (outcome: Outcome): void => {
  expect(outcome).toMatchObject({ lost: 0, leaked: 0 })
  expect(outcome.ledger.refused.size).toBe(0)
  expect(outcome.longestWaitMs).toBeLessThanOrEqual(8_000)
}

/** Moreover, the API lives through whatever its database does, and is back when that is. */
export const expectApiUnmoved = (outcome: Outcome): void => {
  expectUnharmed(outcome)
  expect(outcome.fatal).toEqual([])
  expect(outcome.exits).toBe(0)
  expect(outcome.readyMs).toBeLessThanOrEqual(3_000)
}
