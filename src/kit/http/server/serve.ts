import { randomUUID } from 'node:crypto'
import { createServer as createNodeServer, type RequestListener, type Server } from 'node:http'
import { getRequestListener, RequestError, type HttpBindings } from '@hono/node-server'
import { AppError } from '../../errors.ts'
import { answerBrokenRequest, refuseTunnel } from './answer-broken-request.ts'
import { drainBody } from './drain-body.ts'
import { drainServer, type Drained, type DrainSettings } from './drain-server.ts'
import { isLimited, type Gate } from '../gate.ts'
import { problemResponse } from '../rest/problem.ts'
import { shedEarly } from './shed-early.ts'
import { createShedder, type Shedder, type ShedSinks } from './shed-requests.ts'
import { keepSpareConnections } from './spare-connections.ts'

interface ServeSettings extends ShedSinks {
  /** When it is full, the listener refuses requests under /api. */
  gate: Gate
  /** Receives errors outside the app, which no request log line reports. */
  onError: (err: unknown) => void
  /** Limit for receiving the head of a request. */
  headersTimeoutMs: number
  /** Limit for receiving a whole request, head and body. */
  receiveTimeoutMs: number
}

export interface ApiServer {
  node: Server
  /** Accepts no new connections, lets running requests finish, and cuts them off after `timeoutMs`. */
  drain(settings: DrainSettings): Promise<Drained>
}

interface Fetcher {
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>
}

// Longer than a proxy's own keep-alive, or the proxy sends a request into a connection that is being closed.
const keepAliveTimeout = 130_000
// Node's default is 30 s, which a slow client would get in addition to its limit.
const connectionsCheckingInterval = 1_000

/** Creates the HTTP server; it does not listen yet. */
export function createServer(app: Fetcher, settings: ServeSettings): ApiServer {
  const node = createNodeServer({
    headersTimeout: settings.headersTimeoutMs,
    requestTimeout: settings.receiveTimeoutMs,
    connectionsCheckingInterval,
    keepAliveTimeout,
  })
  const shedder = createShedder(settings)
  node.on('request', createListener(app, settings, shedder))
  shedEarly(node, settings.gate, shedder.text)
  node.on('clientError', answerBrokenRequest)
  node.on('connect', refuseTunnel)
  const spare = keepSpareConnections(node)
  return { node, drain: (how) => drainServer(node, spare, how) }
}

function createListener(app: Fetcher, { gate, onError }: ServeSettings, shedder: Shedder): RequestListener {
  const answer = getRequestListener((request, env) => app.fetch(request, env as HttpBindings), {
    hostname: 'localhost',
    // The adapter's cleanup would read up to 64 MB of a refused body.
    autoCleanupIncoming: false,
    errorHandler: (err) => {
      if (err instanceof RequestError) return problemResponse(unreadable(err), randomUUID())
      onError(err)
      return problemResponse(new AppError('internal', 'something went wrong on our side'), randomUUID())
    },
  })
  return (incoming, outgoing) => {
    if (gate.isFull() && isLimited(incoming.url ?? '')) shedder.answer(incoming, outgoing)
    else {
      outgoing.once('finish', () => drainBody(incoming))
      void answer(incoming, outgoing)
    }
  }
}

function unreadable(cause: RequestError): AppError {
  return new AppError('invalid_request', 'request line or Host header is not valid', { cause })
}
