import { randomUUID } from 'node:crypto'
import { createServer as createNodeServer, type RequestListener, type Server } from 'node:http'
import { getRequestListener, RequestError, type HttpBindings } from '@hono/node-server'
import { AppError } from '../errors.ts'
import { answerBrokenRequest } from './answer-broken-request.ts'
import { drainServer, type Drained, type DrainSettings } from './drain-server.ts'
import { problemResponse } from './problem.ts'

interface ServeSettings {
  /** Told of what failed outside the app, where no line is written otherwise. */
  onError: (err: unknown) => void
}

export interface ApiServer {
  node: Server
  /** Takes no new connection, lets what runs finish, and cuts it off after `timeoutMs`. */
  drain(settings: DrainSettings): Promise<Drained>
}

interface Fetcher {
  fetch(request: Request, env: HttpBindings): Response | Promise<Response>
}

const limits = {
  // Node's own 60 s and 300 s let a slow client hold a connection for 90 s.
  headersTimeout: 5000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  // Longer than Caddy's 120 s, or it sends a request into a connection that is being closed.
  keepAliveTimeout: 130_000,
}

/** A server that does not listen yet. */
export function createServer(app: Fetcher, settings: ServeSettings): ApiServer {
  const node = createNodeServer(limits)
  node.on('request', createListener(app, settings))
  node.on('clientError', answerBrokenRequest)
  return { node, drain: (settings) => drainServer(node, settings) }
}

function createListener(app: Fetcher, { onError }: ServeSettings): RequestListener {
  const answer = getRequestListener((request, env) => app.fetch(request, env as HttpBindings), {
    hostname: 'localhost',
    errorHandler: (err) => {
      if (err instanceof RequestError) return problemResponse(unreadable(err), randomUUID())
      onError(err)
      return problemResponse(new AppError('internal', 'something went wrong on our side'), randomUUID())
    },
  })
  return (incoming, outgoing) => void answer(incoming, outgoing)
}

function unreadable(cause: RequestError): AppError {
  return new AppError('invalid_request', 'request line or Host header is not valid', { cause })
}
