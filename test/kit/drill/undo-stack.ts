export interface UndoStack {
  /**
   * `undo` takes back what was just done; it runs once, after everything that was pushed later. On a closed stack it runs
   * at once and this throws: whoever still opens things must stop.
   */
  push: (undo: () => unknown) => void
  /** Takes everything back, whatever fails on the way; then throws what failed. */
  close: () => Promise<void>
}

/** What was started or mounted, so that an error half-way, or a Ctrl-C, leaves nothing behind. */
export function createUndoStack(): UndoStack {
  const steps: (() => unknown)[] = []
  const failures: unknown[] = []
  const unwind = async (): Promise<void> => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step()
      } catch (err) {
        failures.push(err)
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures.splice(0), 'not everything could be taken back')
  }
  let closing: Promise<void> | undefined
  return {
    push: (undo) => {
      steps.push(undo)
      if (closing === undefined) return
      closing = closing.then(unwind)
      throw new Error('interrupted')
    },
    close: () => (closing ??= unwind()),
  }
}
