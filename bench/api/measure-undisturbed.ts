import { setTimeout as wait } from 'node:timers/promises'
import { measure, type Measurement } from './measure.ts'

/** Above this share of waiting for its core a server was measured together with strangers. */
export const disturbed = 0.1

const pauseMs = 1_000

/** Repeats a measurement that something else on the machine disturbed, until `deadlineMs`; then it takes what it gets. */
export async function measureUndisturbed(
  deadlineMs: number,
  ...args: Parameters<typeof measure>
): Promise<Measurement> {
  for (;;) {
    const measurement = await measure(...args)
    if (!(measurement.waited > disturbed) || Date.now() >= deadlineMs) return measurement
    await wait(pauseMs)
  }
}
