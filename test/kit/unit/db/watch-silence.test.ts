import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PoolConnection } from '../../../../src/kit/postgres/pool-connections.ts'
import { watchDeadConnections } from '../../../../src/kit/db/watch-dead-connections.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function open(ask: () => Promise<ReadonlySet<number> | undefined>) {
  const giveUp = vi.fn()
  const askBusy = vi.fn(ask)
  const connection: PoolConnection = { backend: { pid: 1 }, awaited: { bytesRead: 0 }, giveUp }
  return { giveUp, askBusy, watch: watchDeadConnections([connection], askBusy) }
}

describe('the watch over silence', () => {
  it('gives up a connection for which the server has no work, within 750 ms', async () => {
    const { giveUp, askBusy } = open(() => Promise.resolve(new Set([2])))

    await vi.advanceTimersByTimeAsync(500)
    expect(askBusy).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(250)

    expect(giveUp.mock.calls).toEqual([['CONNECTION_SILENT']])
    expect(askBusy).toHaveBeenCalledTimes(2)
  })

  it('gives nobody up without an answer, and asks again four times a second', async () => {
    const { giveUp, askBusy } = open(() => Promise.reject(new Error('nobody is there')))

    await vi.advanceTimersByTimeAsync(5_525)

    expect(giveUp).not.toHaveBeenCalled()
    expect(askBusy).toHaveBeenCalledTimes(20)
  })

  it('asks again while a question hangs: the network may have healed since', async () => {
    let questions = 0
    const { giveUp } = open(() => (++questions === 1 ? never() : Promise.resolve(new Set())))

    await vi.advanceTimersByTimeAsync(1_000)

    expect(giveUp).toHaveBeenCalledTimes(1)
  })

  it('asks once or twice a second about a statement that takes long', async () => {
    const { giveUp, askBusy } = open(() => Promise.resolve(new Set([1])))

    await vi.advanceTimersByTimeAsync(5_500)

    expect(giveUp).not.toHaveBeenCalled()
    expect(askBusy.mock.calls.length).toBeLessThanOrEqual(10)
  })

  it('asks no more once the server could not tell', async () => {
    const { giveUp, askBusy } = open(() => Promise.resolve(undefined))

    await vi.advanceTimersByTimeAsync(5_000)

    expect(giveUp).not.toHaveBeenCalled()
    expect(askBusy).toHaveBeenCalledTimes(1)
  })

  it('ends with its last question', async () => {
    const answer = Promise.withResolvers<ReadonlySet<number>>()
    const { askBusy, watch } = open(() => answer.promise)
    await vi.advanceTimersByTimeAsync(600)
    let isClosed = false

    const closing = watch.close().then(() => (isClosed = true))
    await vi.advanceTimersByTimeAsync(1_000)
    expect([isClosed, askBusy.mock.calls.length]).toEqual([false, 1])
    answer.resolve(new Set())

    await closing
    expect(askBusy).toHaveBeenCalledTimes(1)
  })
})
