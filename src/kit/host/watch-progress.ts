import { setTimeout as wait } from 'node:timers/promises'
import type { Progress } from './progress.ts'

const lookEveryMs = 500

/**
 * Polls the number of bytes done while `work` runs and shows it. When polling fails, the work continues without
 * progress.
 */
export async function watchProgress<T>(
  progress: Progress,
  readBytes: () => Promise<number>,
  work: () => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const { signal } = over
  const watch = async (): Promise<void> => {
    let done = 0
    while (!signal.aborted) {
      const now = Math.max(done, await readBytes())
      progress.advance(now - done)
      done = now
      await wait(lookEveryMs, undefined, { signal })
    }
  }
  const watching = watch().catch(() => undefined)
  try {
    return await work()
  } finally {
    over.abort()
    await watching
    progress.end()
  }
}
