import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { discardBody } from '../../../../src/kit/http/server/drain-body.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

function begin(deadlineMs: number) {
  const body = new PassThrough()
  const finished = vi.fn()
  void discardBody(body as unknown as IncomingMessage, deadlineMs).then(finished)
  /** Lets the stream hand on what it has and the promise settle. */
  const settle = () => new Promise((done) => setImmediate(done))
  const send = async (bytes: number) => {
    body.write(Buffer.alloc(bytes))
    await settle()
  }
  return { body, finished, send, settle }
}

describe('a body that no route wanted', () => {
  test('is read to its end', async () => {
    const { body, finished, send, settle } = begin(10_000)

    await send(1_000_000)
    expect(finished).not.toHaveBeenCalled()
    body.end()
    await settle()

    expect(finished).toHaveBeenCalled()
    expect(body.listenerCount('data')).toBe(0)
  })

  test('is waited for while some of it comes, and no longer', async () => {
    const { finished, send, settle } = begin(10_000)

    for (let step = 0; step < 5; step += 1) {
      vi.advanceTimersByTime(400)
      await send(1)
    }
    expect(finished).not.toHaveBeenCalled()
    vi.advanceTimersByTime(500)
    await settle()

    expect(finished).toHaveBeenCalled()
  })

  test('that drips on is given up when the request has had its time', async () => {
    const { finished, send } = begin(1_000)

    vi.advanceTimersByTime(400)
    await send(1)
    vi.advanceTimersByTime(400)
    await send(1)
    expect(finished).not.toHaveBeenCalled()
    vi.advanceTimersByTime(400)
    await send(1)

    expect(finished).toHaveBeenCalled()
  })

  test('without end is given up after 20 MiB', async () => {
    const { finished, send } = begin(10_000)

    for (let sent = 0; sent < 20; sent += 1) await send(1024 * 1024)
    expect(finished).not.toHaveBeenCalled()
    await send(1)

    expect(finished).toHaveBeenCalled()
  })

  test('of a client that hung up is waited for no longer', async () => {
    const { body, finished, settle } = begin(10_000)

    body.destroy()
    await settle()

    expect(finished).toHaveBeenCalled()
  })
})
