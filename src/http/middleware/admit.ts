import type { IncomingMessage } from 'node:http'
import type { MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpSettings } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'

/** One of the requests that may run at the same time. */
export interface Slot {
  /** Throws when none is left. */
  enter: () => void
  leave: () => void
}

/**
 * What runs at the same time is bounded, because a queue in front of a full server only makes everybody late; and so is
 * how long it runs, because whoever asked has gone by then.
 */
export function admit({
  maxConcurrentRequests,
  requestTimeoutMs,
}: Pick<HttpSettings, 'maxConcurrentRequests' | 'requestTimeoutMs'>): MiddlewareHandler<HttpEnv> {
  const slots = createSlots(maxConcurrentRequests)
  return async (c, next) => {
    // Whoever asks whether the server is well must be told so even when it is full.
    if (c.req.path.startsWith('/api/health/')) return next()
    const slot = slots()
    slot.enter()
    c.set('slot', slot)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(tooLate(c.env.incoming, requestTimeoutMs)), requestTimeoutMs)
    })
    try {
      await Promise.race([next(), late])
    } finally {
      clearTimeout(timer)
      slot.leave()
    }
  }
}

function createSlots(max: number): () => Slot {
  let taken = 0
  return () => {
    let isHeld = false
    return {
      enter: () => {
        if (taken >= max)
          throw new AppError('unavailable', 'the server is busy', { hint: 'try again shortly' })
        taken += 1
        isHeld = true
      },
      leave: () => {
        if (isHeld) taken -= 1
        isHeld = false
      },
    }
  }
}

function tooLate(incoming: IncomingMessage, timeoutMs: number): AppError {
  const fields = { timeout_ms: timeoutMs }
  if (!incoming.complete) return new AppError('timeout', 'request took too long to arrive', { fields })
  return new AppError('unavailable', 'the answer took too long', { hint: 'try again shortly', fields })
}
