import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { MiddlewareHandler } from 'hono'
import type { HttpSettings } from '../app-deps.ts'
import type { ClientAddresses } from './client-address.ts'
import type { HttpEnv } from '../context.ts'
import { discardBody } from './drain-body.ts'
import { recordRequest, type RequestSinks } from './record-request.ts'
import { refuseHostileHead } from './refuse-hostile-head.ts'
import { secureHeaders } from './secure-headers.ts'

const saneRequestId = /^[\w.-]{8,128}$/

/**
 * Outermost handler: sets the request id and secure headers, writes one log line and one measurement per request.
 * Separate middlewares for the same work cost more than the rest of a point read.
 */
export function observe(
  sinks: RequestSinks,
  addresses: ClientAddresses,
  { requestTimeoutMs }: Pick<HttpSettings, 'requestTimeoutMs'>,
): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const beginMs = performance.now()
    const { incoming, outgoing } = c.env
    const requestId = requestIdOf(incoming, addresses)
    c.set('requestId', requestId)
    setHeaders(outgoing, requestId)
    sinks.metrics.beginRequest()
    try {
      refuseHostileHead(incoming)
      await next()
    } finally {
      whenSent(outgoing, () => recordRequest(c, sinks, performance.now() - beginMs))
      if (!incoming.complete) await discardBody(incoming, beginMs + requestTimeoutMs)
    }
  }
}

function requestIdOf(incoming: IncomingMessage, addresses: ClientAddresses): string {
  const given = incoming.headers['x-request-id']
  const sane = typeof given === 'string' && saneRequestId.test(given)
  return sane && addresses.isFromProxy(incoming) ? given : randomUUID()
}

/** Sets headers on Node's own response: a `Headers` object per request would cost more. */
function setHeaders(outgoing: ServerResponse, requestId: string): void {
  outgoing.setHeader('x-request-id', requestId)
  for (let index = 0; index < secureHeaders.length; index += 2) {
    outgoing.setHeader(secureHeaders[index] ?? '', secureHeaders[index + 1] ?? '')
  }
}

/** Runs `record` at the end of the answer; when the client hung up, the response is closed already. */
function whenSent(outgoing: ServerResponse, record: () => void): void {
  if (outgoing.closed) record()
  else outgoing.once('close', record)
}
