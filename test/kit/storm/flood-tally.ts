/** What became of the requests of one flood; times in milliseconds. */
export interface Flood {
  seconds: number
  sent: number
  good: Answers
  /** Answers 201, each of which promises a stored row. */
  created: number
  shed: Answers
  /** Sheds that did not say when to come back. */
  shedWithoutRetryAfter: number
  /** Answers that are neither 2xx nor 503, by status. */
  other: Record<string, number>
  /** Requests whose connection was closed before the answer. */
  broken: number
  /** Requests without an answer within the client's time-out, or for which no connection came free in time. */
  timeouts: number
  /** Longest time by which the generator itself was late; beyond it no figure is more exact. */
  generatorLagMs: number
}

export interface Answers {
  count: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

export function summarizeAnswers(latenciesMs: readonly number[]): Answers {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}

export interface Tally {
  sent: () => void
  answered: (status: number, head: string, ms: number) => void
  broken: () => void
  timedOut: () => void
  late: (ms: number) => void
  sum: (seconds: number) => Flood
}

export function createTally(): Tally {
  const [goodMs, shedMs] = [[] as number[], [] as number[]]
  const other: Record<string, number> = {}
  const counts = { sent: 0, created: 0, shedWithoutRetryAfter: 0, broken: 0, timeouts: 0, generatorLagMs: 0 }
  return {
    sent: () => void (counts.sent += 1),
    broken: () => void (counts.broken += 1),
    timedOut: () => void (counts.timeouts += 1),
    late: (ms) => void (counts.generatorLagMs = Math.max(counts.generatorLagMs, ms)),
    answered: (status, head, ms) => {
      if (status === 201) counts.created += 1
      if (status >= 200 && status < 300) goodMs.push(ms)
      else if (status !== 503) other[status] = (other[status] ?? 0) + 1
      else {
        shedMs.push(ms)
        if (!/\r\nretry-after: *\d/i.test(head)) counts.shedWithoutRetryAfter += 1
      }
    },
    sum: (seconds) => ({
      seconds,
      ...counts,
      other,
      good: summarizeAnswers(goodMs),
      shed: summarizeAnswers(shedMs),
    }),
  }
}
