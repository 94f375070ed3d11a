import { CommandError } from '../errors.ts'
import type { Observer } from './open-observer.ts'
import type { Session } from './open-session.ts'

const cancelPatienceMs = 1_500

/** Ends the statement that runs when the signal comes, through a second session; a server that does not answer loses the connection. */
export function cancelOnAbort(
  session: Session,
  observer: Observer,
  signal: AbortSignal | undefined,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    timer = setTimeout(() => void session.close(), cancelPatienceMs)
    // A cancel that cannot be sent is what the timer is for.
    observer.cancel().catch(() => undefined)
  }
  signal?.addEventListener('abort', stop, { once: true })
  return () => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** Whatever broke because of the signal is told as the signal, not as an SQL error. */
export function tellAbort(err: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true) return err
  const exit = signal.reason instanceof CommandError ? signal.reason.exit : 'terminated'
  return new CommandError(exit, 'stopped by a signal: what was not committed was rolled back', {
    hint: 'run this again: it goes on with the first file that is not recorded',
  })
}
