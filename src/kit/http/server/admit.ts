import type { IncomingMessage } from 'node:http'
import type { MiddlewareHandler } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpEnv } from '../context.ts'
import { isLimited, type Gate } from '../gate.ts'

interface AdmitSettings {
  gate: Gate
  requestTimeoutMs: number
}

/** Takes a place at the gate, and ends the request at `requestTimeoutMs`, because its client has given up by then. */
export function admit({ gate, requestTimeoutMs }: AdmitSettings): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!isLimited(c.req.path)) return next()
    const slot = gate.slot()
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

function tooLate(incoming: IncomingMessage, timeoutMs: number): AppError {
  const fields = { timeout_ms: timeoutMs }
  if (!incoming.complete) return new AppError('timeout', 'request took too long to arrive', { fields })
  return new AppError('unavailable', 'the answer took too long', { hint: 'try again shortly', fields })
}
