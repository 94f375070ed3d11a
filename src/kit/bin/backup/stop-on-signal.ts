/** Aborted by the first SIGTERM or SIGINT, so that a command under way cleans up after itself. */
export const stopOnSignal = (): AbortSignal => {
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  process.once('SIGINT', () => stop.abort())
  return stop.signal
}
