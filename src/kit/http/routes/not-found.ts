import type { Hono } from 'hono'
import { TrieRouter } from 'hono/router/trie-router'
import type { Context } from 'hono'
import { AppError } from '../../errors.ts'
import type { HttpEnv } from '../context.ts'
import { problemResponse } from '../rest/problem.ts'

/**
 * Creates the handler for unmatched requests: 405 with `Allow` when the path exists with other methods, otherwise
 * 404.
 */
export function createNotFound(app: Pick<Hono<HttpEnv>, 'routes'>) {
  let router: TrieRouter<string> | undefined
  return (c: Context<HttpEnv>): Response => {
    router ??= methodsByPath(app)
    const methods = new Set(router.match('ALL', c.req.path)[0].map(([method]) => method))
    if (methods.size === 0) return refuse(c, new AppError('not_found', 'there is nothing at this address'))
    const allow = [...methods].toSorted().join(', ')
    const error = new AppError('method_not_allowed', `this address takes ${allow}`)
    return refuse(c, error, { allow })
  }
}

function refuse(c: Context<HttpEnv>, error: AppError, headers?: Record<string, string>): Response {
  c.set('failure', error)
  return problemResponse(error, c.get('requestId'), headers)
}

/** Skips middleware, which is registered under ALL. */
function methodsByPath(app: Pick<Hono<HttpEnv>, 'routes'>): TrieRouter<string> {
  const router = new TrieRouter<string>()
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue
    router.add('ALL', path, method)
    if (method === 'GET') router.add('ALL', path, 'HEAD')
  }
  return router
}
