/** The second signal does not wait: what then still runs is killed at the exit. */
export function closeOnSignal(keeper: { close: () => Promise<void> }): void {
  let isClosing = false
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (isClosing) process.exit(code)
      isClosing = true
      void keeper.close().finally(() => process.exit(code))
    })
  }
}
