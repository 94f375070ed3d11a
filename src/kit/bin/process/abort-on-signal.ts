import { CommandError, exitCodes } from '../../errors.ts'

/** On one Ctrl-C, npm and the terminal both send the signal. */
const sameKeyMs = 1_000

/**
 * Returns a signal that SIGTERM or SIGINT aborts, with a CommandError as its reason. A second signal ends the process
 * at once; so does `graceMs` when the command is still running by then.
 */
export function abortOnSignal(graceMs?: number): AbortSignal {
  const stop = new AbortController()
  let firstAt: number | undefined
  const hear = (exit: 'terminated' | 'interrupted'): void => {
    const end = (): never => process.exit(exitCodes[exit])
    if (firstAt !== undefined && performance.now() - firstAt > sameKeyMs) end()
    if (firstAt !== undefined) return
    firstAt = performance.now()
    if (graceMs !== undefined) setTimeout(end, graceMs).unref()
    stop.abort(new CommandError(exit, 'stopped before the end', { hint: 'nothing was changed: start again' }))
  }
  process.on('SIGTERM', () => hear('terminated'))
  process.on('SIGINT', () => hear('interrupted'))
  return stop.signal
}
