import { setTimeout as wait } from 'node:timers/promises'

/** Asks again until the answer is there; at the deadline it throws what `explain` says, such as a process's log. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs = 10_000, explain = (): string => '' } = {},
): Promise<T> {
  const end = Date.now() + deadlineMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}\n${explain()}`)
    await wait(25)
  }
}
