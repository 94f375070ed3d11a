import { AppError } from '../errors.ts'

/** The place of one request among those that may run at the same time. */
export interface Slot {
  /** Throws when none is left. */
  enter: () => void
  leave: () => void
}

/** What runs at the same time is bounded, because a queue in front of a full server only makes everybody late. */
export interface Gate {
  isFull: () => boolean
  slot: () => Slot
}

export function busy(): AppError {
  return new AppError('unavailable', 'the server is busy', { hint: 'try again shortly' })
}

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

/** Whoever asks whether the server is well must be told so even when it is full. */
export function isLimited(path: string): boolean {
  return path.startsWith('/api/') && !path.startsWith('/api/health/')
}
