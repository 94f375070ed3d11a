import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAdmission } from '../../../../src/kit/db/admission.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function open() {
  return createAdmission({ size: 2, queueLimit: 2, waitMs: 1_000 })
}
function never(): never {
  throw new Error('it was refused, or let in')
}

describe('admission', () => {
  it('lets in at once while a place is free, and the next one when a place is given up', async () => {
    const admission = open()
    const order: number[] = []
    for (const n of [1, 2, 3]) admission.enter({ run: () => void order.push(n), refuse: never })

    expect(order).toEqual([1, 2])
    expect(admission.counts).toEqual({ inUse: 2, waiting: 1 })
    admission.leave()
    await Promise.resolve()
    expect(order).toEqual([1, 2, 3])
    admission.leave()
    admission.leave()
    expect(admission.counts).toEqual({ inUse: 0, waiting: 0 })
  })

  it('refuses at once when the queue is full', () => {
    const admission = open()
    const refuse = vi.fn()
    for (let n = 0; n < 4; n += 1) admission.enter({ run: () => undefined, refuse: never })

    admission.enter({ run: never, refuse })

    expect(refuse.mock.calls).toEqual([[expect.objectContaining({ kind: 'unavailable' })]])
    expect(admission.counts).toEqual({ inUse: 2, waiting: 2 })
  })

  it('refuses who has waited too long, and gives that place to nobody', () => {
    const admission = open()
    const refuse = vi.fn()
    for (let n = 0; n < 2; n += 1) admission.enter({ run: () => undefined, refuse: never })
    admission.enter({ run: never, refuse })

    vi.advanceTimersByTime(999)
    expect(refuse).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    admission.leave()

    expect(refuse).toHaveBeenCalledTimes(1)
    expect(admission.counts).toEqual({ inUse: 1, waiting: 0 })
  })

  it('serves in the order of arrival', async () => {
    const admission = createAdmission({ size: 1, queueLimit: 3, waitMs: 1_000 })
    const order: number[] = []
    for (const n of [1, 2, 3, 4]) admission.enter({ run: () => void order.push(n), refuse: never })

    for (let n = 0; n < 3; n += 1) admission.leave()
    await Promise.resolve()

    expect(order).toEqual([1, 2, 3, 4])
  })
})
