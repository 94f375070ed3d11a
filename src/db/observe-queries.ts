import { performance } from 'node:perf_hooks'
import type { Sql } from 'postgres'
import { isUnavailable } from './pg-error.ts'

export type QueryOutcome = 'ok' | 'error' | 'unavailable'

export interface QueryObserver {
  /** Called once per statement; the time includes the wait for a connection. */
  onQuery?: ((ms: number, outcome: QueryOutcome) => void) | undefined
}

export interface QueryCounts {
  /** Statements outside transactions plus open transactions: what wants a connection right now. */
  active: number
}

type AnyFunction = (...args: unknown[]) => unknown

/** Times every statement that Drizzle sends. It sends all of them through `unsafe`, inside transactions too. */
const observeUnsafe = (client: Sql, observer: QueryObserver, counts: QueryCounts | undefined): void => {
  const original = client.unsafe.bind(client) as unknown as AnyFunction
  const observed: AnyFunction = (...args) => {
    const query = original(...args) as Promise<unknown>
    const begin = performance.now()
    if (counts !== undefined) counts.active += 1
    const end = (outcome: QueryOutcome): void => {
      if (counts !== undefined) counts.active -= 1
      observer.onQuery?.(performance.now() - begin, outcome)
    }
    query.then(
      () => end('ok'),
      (err: unknown) => end(isUnavailable(err) ? 'unavailable' : 'error'),
    )
    return query
  }
  client.unsafe = observed as unknown as typeof client.unsafe
}

const scopeOf =
  (fn: AnyFunction, observer: QueryObserver): AnyFunction =>
  (inner) => {
    observeUnsafe(inner as Sql, observer, undefined)
    observeScopes(inner as Sql, 'savepoint', observer, undefined)
    return fn(inner)
  }

const observeScopes = (
  client: Sql,
  name: 'begin' | 'savepoint',
  observer: QueryObserver,
  counts: QueryCounts | undefined,
): void => {
  const scopes = client as unknown as Record<string, AnyFunction>
  const original = scopes[name]
  if (original === undefined) return
  scopes[name] = (...args) => {
    const fn = args.at(-1) as AnyFunction
    const inner = scopeOf(fn, observer)
    return original(...args.slice(0, -1), async (sql: unknown) => {
      if (counts !== undefined) counts.active += 1
      try {
        return await inner(sql)
      } finally {
        if (counts !== undefined) counts.active -= 1
      }
    })
  }
}

/** Watches one client in place and returns live counts. */
export const observeQueries = (client: Sql, observer: QueryObserver): QueryCounts => {
  const counts: QueryCounts = { active: 0 }
  observeUnsafe(client, observer, counts)
  observeScopes(client, 'begin', observer, counts)
  return counts
}
