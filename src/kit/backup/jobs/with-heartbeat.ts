import type { Logger } from '../../telemetry/logger.ts'
import type { Job } from './job.ts'

interface Heartbeat {
  /** undefined disables the heartbeat. */
  url: string | undefined
  answerWithinMs: number
}

/**
 * Returns the reason of a failed request without the URL: the URL is a secret that could silence the
 * monitor.
 */
function failureOf(err: unknown): string {
  if (err instanceof Error && err.name === 'TimeoutError') return 'no answer in time'
  const cause = err instanceof Error ? err.cause : undefined
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'the request failed'
}

async function ping(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal })
    await answer.body?.cancel()
    return answer.ok ? undefined : `the answer was ${answer.status}`
  } catch (err) {
    return failureOf(err)
  }
}

/**
 * Wraps a job: sends a request to an external monitor after each success. A failed request does not fail
 * the job.
 */
export function withHeartbeat(job: Job, { url, answerWithinMs }: Heartbeat, logger: Logger): Job {
  if (url === undefined) return job
  return {
    ...job,
    run: async (signal) => {
      const fields = await job.run(signal)
      const reason = await ping(url, AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]))
      if (reason !== undefined) logger.warn({ job: job.name, reason }, 'heartbeat not sent')
      return fields
    },
  }
}
