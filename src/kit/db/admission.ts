import { AppError } from '../errors.ts'

export interface AdmissionSettings {
  /** Number of places; equal to the number of connections in the pool. */
  size: number
  /** Number of candidates that may wait for a place. */
  queueLimit: number
  waitMs: number
}

/**
 * A statement or transaction that asks for a place. An object, because two closures per statement would cost more
 * than the admission.
 */
export interface Candidate {
  /** Called when the candidate gets its place; synchronously when one is free. */
  run(): void
  /** Called instead when no place came free in time. */
  refuse(err: AppError): void
}

export interface Admission {
  enter: (candidate: Candidate) => void
  /** Releases the place, once for every `run`; the next waiter gets it. */
  leave: () => void
  counts: { inUse: number; waiting: number }
}

interface Waiter {
  candidate: Candidate
  timer: NodeJS.Timeout
}

function busy(fields: Record<string, unknown>): AppError {
  return new AppError('unavailable', 'the database is busy', {
    hint: 'try again shortly',
    fields,
    cause: Object.assign(new Error('no connection of the pool came free'), { code: 'POOL_EXHAUSTED' }),
  })
}

/**
 * Creates the queue in front of the pool: one place per connection, a short queue, and a refusal when it is full. The
 * driver's own queue has no limit in length or time, and with every connection busy it pipelines statements.
 */
export function createAdmission({ size, queueLimit, waitMs }: AdmissionSettings): Admission {
  const counts = { inUse: 0, waiting: 0 }
  const waiters = new Set<Waiter>()
  const wait = (candidate: Candidate): void => {
    const giveUp = (): void => {
      waiters.delete(waiter)
      counts.waiting -= 1
      candidate.refuse(busy({ waited_ms: waitMs }))
    }
    const waiter = { candidate, timer: setTimeout(giveUp, waitMs) }
    waiters.add(waiter)
    counts.waiting += 1
  }
  return {
    counts,
    enter: (candidate) => {
      if (counts.inUse < size) {
        counts.inUse += 1
        candidate.run()
      } else if (counts.waiting < queueLimit) {
        wait(candidate)
      } else {
        candidate.refuse(busy({ waiting: counts.waiting }))
      }
    },
    leave: () => {
      const [next] = waiters
      if (next === undefined) {
        counts.inUse -= 1
        return
      }
      waiters.delete(next)
      clearTimeout(next.timer)
      counts.waiting -= 1
      // The driver settles a statement just before it marks the connection as free.
      queueMicrotask(() => next.candidate.run())
    },
  }
}
