import { AppError } from '../errors.ts'

export interface AdmissionSettings {
  /** Places: as many as the pool has connections. */
  size: number
  /** How many may wait for a place. */
  queueLimit: number
  waitMs: number
}

/** Who asks for a place; an object, because two closures per statement would cost more than the place. */
export interface Candidate {
  /** Called once a place is held, at once where one is free. */
  run(): void
  /** Called instead when none came free in time. */
  refuse(err: AppError): void
}

export interface Admission {
  enter: (candidate: Candidate) => void
  /** Hands the place on; once for every `run`. */
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
 * The driver's own queue has no bound and no time limit, and with every connection taken it sends one statement behind
 * another. In front of it stands this: a place for each connection, a short queue, and an early no.
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
      // The driver settles a statement a moment before it takes the connection for free.
      queueMicrotask(() => next.candidate.run())
    },
  }
}
