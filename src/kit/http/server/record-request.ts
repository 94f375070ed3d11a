import type { Context } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { AppError } from '../../errors.ts'
import type { AppDeps } from '../app-deps.ts'
import type { HttpEnv } from '../context.ts'

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export interface RequestSinks {
  logger: AppDeps['logger']
  /**
   * Logger without redaction, which would take longer than the rest of the line. Only for fields the kit makes
   * itself.
   */
  plainLogger: AppDeps['logger']
  metrics: AppDeps['metrics']
  /** Returns true when a pattern belongs to a route, and false for middleware. */
  isRoute: (pattern: string) => boolean
}

/**
 * Counts one finished request and writes its log line. Labels come from the routes, because a client can invent any
 * number of paths and methods.
 */
export function recordRequest(c: Context<HttpEnv>, sinks: RequestSinks, durationMs: number): void {
  const { outgoing } = c.env
  const method = knownMethods.has(c.req.method) ? c.req.method : 'other'
  const route = routeOf(c, sinks.isRoute)
  // Node reports 200 before the head is sent: then the client hung up first.
  const status = outgoing.headersSent || !c.finalized ? outgoing.statusCode : c.res.status
  sinks.metrics.endRequest()
  sinks.metrics.observeRequest(method, route, status, durationMs / 1000)
  const logger = c.get('failure') === undefined ? sinks.plainLogger : sinks.logger
  logger[levelOf(status, c.get('failure'))](
    {
      method,
      route,
      status,
      duration_ms: Math.round(durationMs * 100) / 100,
      request_id: c.get('requestId'),
      user_id: c.get('user')?.id,
      ...(outgoing.writableFinished ? undefined : { client_hung_up: true }),
      ...failureFields(c, status),
    },
    'request',
  )
}

/** 503 is a warning, because alerts watch for a lasting one. Any other 5xx is a fault that a person must look at. */
function levelOf(status: number, failure: AppError | undefined): 'error' | 'warn' | 'info' {
  if (status < 500) return 'info'
  return status === 503 && failure?.needsPerson !== true ? 'warn' : 'error'
}

/** Below 500 only the code is logged: the message may quote secret input of the client. */
function failureFields(c: Context<HttpEnv>, status: number): Record<string, unknown> | undefined {
  const failure = c.get('failure')
  if (failure === undefined) return undefined
  const fields = { error_code: failure.kind, ...failure.fields }
  return status < 500 ? fields : { ...fields, err: failure.cause ?? failure }
}

function routeOf(c: Context<HttpEnv>, isRoute: (pattern: string) => boolean): string {
  const pattern = matchedRoutes(c).at(-1)?.path
  return pattern !== undefined && isRoute(pattern) ? pattern : 'unmatched'
}
