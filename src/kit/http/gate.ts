import { AppError } from '../errors.ts'

/** One request's place among the concurrent ones. */
export interface Slot {
  /** Throws `unavailable` when no place is free. */
  enter: () => void
  leave: () => void
}

/** Limits concurrent requests: a queue in front of a full server would only delay every request. */
export interface Gate {
  isFull: () => boolean
  slot: () => Slot
}

/** Creates the error for a server that is full. */
export function busy(): AppError {
  return new AppError('unavailable', 'the server is busy', { hint: 'try again shortly' })
}

/** Creates a gate with `maxConcurrentRequests` places. */
export function createGate(maxConcurrentRequests: number): Gate {
  let taken = 0
  const isFull = () => taken >= maxConcurrentRequests
  const slot = () => {
    let isHeld = false
    return {
      enter: () => {
        if (isHeld) return
        if (isFull()) throw busy()
        taken += 1
        isHeld = true
      },
      leave: () => {
        if (isHeld) taken -= 1
        isHeld = false
      },
    }
  }
  return { isFull, slot }
}

/** Returns true for paths under /api except /api/health, which must answer even when the server is full. */
export function isLimited(path: string): boolean {
  return path.startsWith('/api/') && !path.startsWith('/api/health/')
}
