import { randomUUID } from 'node:crypto'
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AppDeps } from '../app-deps.ts'
import { drainBody } from './drain-body.ts'
import { busy } from '../gate.ts'
import { problemBody, problemType, retryAfter } from '../rest/problem.ts'
import { secureHeaders } from './secure-headers.ts'

export interface ShedSinks {
  logger: Pick<AppDeps['logger'], 'warn'>
  metrics: Pick<AppDeps['metrics'], 'countShed'>
}

export interface Shedder {
  /** Returns the whole refusal as raw bytes for a connection that stays open. */
  text: () => string
  /** Sends the same refusal on Node's response. */
  answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void
}

const status = 503
const reportMs = 1_000

/** Placeholder for the request id, with the same length. */
const placeOfId = '00000000-0000-0000-0000-000000000000'

/**
 * Rejects overload before routing, session and body. At ten times the sustainable load, a refusal must cost a
 * hundredth of a served request; therefore the log gets one line per second with a count, not one per refusal.
 */
export function createShedder({ logger, metrics }: ShedSinks): Shedder {
  const [begin = '', end = ''] = JSON.stringify(problemBody(busy(), placeOfId)).split(placeOfId)
  const length = String(Buffer.byteLength(begin + placeOfId + end))
  const fixed = ['content-type', problemType, 'content-length', length, ...secureHeaders]
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines(fixed)}connection: keep-alive\r\n`
  const count = createCount((shed) => logger.warn({ shed }, 'requests were shed'))
  const note = (): string => {
    count()
    metrics.countShed()
    return randomUUID()
  }
  return {
    text: () => {
      const id = note()
      return `${head}retry-after: ${retryAfter()}\r\nx-request-id: ${id}\r\n\r\n${begin}${id}${end}`
    },
    answer: (incoming, outgoing) => {
      const id = note()
      outgoing.writeHead(status, [...fixed, 'retry-after', retryAfter(), 'x-request-id', id])
      outgoing.end(begin + id + end)
      outgoing.once('finish', () => drainBody(incoming))
    },
  }
}

function lines(headers: readonly string[]): string {
  return headers.map((text, index) => text + (index % 2 === 0 ? ': ' : '\r\n')).join('')
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
