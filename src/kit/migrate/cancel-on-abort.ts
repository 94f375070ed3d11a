import { CommandError } from '../errors.ts'
import type { Observer } from './open-observer.ts'
import type { Session } from './open-session.ts'

const cancelPatienceMs = 1_500

/**
 * Cancels the running statement through a second session when the signal is aborted; closes the connection when the
 * server does not answer.
 */
export function cancelOnAbort(
  session: Session,
  observer: Observer,
  signal: AbortSignal | undefined,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    timer = setTimeout(() => void session.close(), cancelPatienceMs)
    // The timer handles a cancel that cannot be sent.
    observer.cancel().catch(() => undefined)
  }
  signal?.addEventListener('abort', stop, { once: true })
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** Returns the signal's reason instead of the SQL error that the abort caused. */
export function tellAbort(err: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true) return err
  const exit = signal.reason instanceof CommandError ? signal.reason.exit : 'terminated'
  return new CommandError(exit, 'stopped by a signal: what was not committed was rolled back', {
    hint: 'run this again: it goes on with the first file that is not recorded',
  })
}
