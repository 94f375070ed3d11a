import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppDeps } from './app-deps.ts'
import { drainBody } from './drain-body.ts'
import { busy } from './gate.ts'
import { problemBody, problemType, retryAfter } from './problem.ts'
import { secureHeaders } from './secure-headers.ts'

export interface ShedSinks {
  logger: Pick<AppDeps['logger'], 'warn'>
  metrics: Pick<AppDeps['metrics'], 'countShed'>
}

const reportMs = 1_000

/** Stands where the id of the request will; as long as any of them. */
const placeOfId = '00000000-0000-0000-0000-000000000000'

/**
 * The early no: on Node's own response, before any route, session or body. Ten times more requests than can be served
 * cost a tenth of the processor here only if each takes a hundredth of the time of one that is served; therefore no line
 * each in the log either, but one per second that says how many there were.
 */
export function createShedder({ logger, metrics }: ShedSinks) {
  const [begin = '', end = ''] = JSON.stringify(problemBody(busy(), placeOfId)).split(placeOfId)
  const length = String(Buffer.byteLength(begin + placeOfId + end))
  const count = createCount((shed) => logger.warn({ shed }, 'requests were shed'))
  return (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    count()
    metrics.countShed()
    const id = randomUUID()
    const headers = ['content-type', problemType, 'content-length', length, 'x-request-id', id]
    outgoing.writeHead(503, [...headers, 'retry-after', retryAfter(), ...secureHeaders])
    outgoing.end(begin + id + end)
    drainBody(incoming)
  }
}

function createCount(report: (seen: number) => void): () => void {
  let seen = 0
  return () => {
    seen += 1
    if (seen > 1) return
    const tell = () => {
      report(seen)
      seen = 0
    }
    setTimeout(tell, reportMs).unref()
  }
}
