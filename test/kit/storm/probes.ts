import { setTimeout as wait } from 'node:timers/promises'
import { summarizeAnswers, type Answers } from './flood-tally.ts'

export interface Probed extends Answers {
  /** Probes that were not answered 200 within five seconds. */
  failures: number
}

const timeoutMs = 5_000

async function ask(url: string, headers: Record<string, string>): Promise<number | undefined> {
  const begin = performance.now()
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
    await answer.arrayBuffer()
    return answer.status === 200 ? performance.now() - begin : undefined
  } catch {
    return undefined
  }
}

function sum(answers: readonly (number | undefined)[]): Probed {
  return {
    ...summarizeAnswers(answers.filter((each) => each !== undefined)),
    failures: answers.filter((each) => each === undefined).length,
  }
}

/** One after the other, `count` times. */
export async function probe(
  url: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<Probed> {
  const answers: (number | undefined)[] = []
  for (let each = 0; each < count; each += 1) answers.push(await ask(url, headers))
  return sum(answers)
}

/** All of `urls` in turn, every `everyMs`, until stopped. */
export function keepProbing(
  urls: readonly string[],
  everyMs: number,
  headers: Record<string, string> = {},
): { stop: () => Promise<Probed> } {
  const answers: (number | undefined)[] = []
  let isRunning = true
  const run = async (): Promise<void> => {
    for (let turn = 0; isRunning; turn += 1) {
      answers.push(await ask(urls[turn % urls.length] ?? '', headers))
      await wait(everyMs)
    }
  }
  const running = run()
  return {
    stop: async () => {
      isRunning = false
      await running
      return sum(answers)
    },
  }
}
