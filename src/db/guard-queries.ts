import { performance } from 'node:perf_hooks'
import type { Sql } from 'postgres'
import type { Admission } from './admission.ts'
import { isUnavailable } from './pg-error.ts'
import { currentTransaction } from './transaction-watch.ts'

export type QueryOutcome = 'ok' | 'error' | 'unavailable'

export interface QueryObserver {
  /** Called once per statement; the time includes the wait for a connection. */
  onQuery?: ((ms: number, outcome: QueryOutcome) => void) | undefined
}

type AnyFunction = (...args: unknown[]) => unknown

/** A statement of postgres.js before it is sent: `handler` sends it, `resolve` and `reject` settle it. */
interface DriverQuery {
  handler: (query: DriverQuery) => void
  resolve: (value: unknown) => void
  reject: (err: unknown) => void
}

/** Calls `settled` once, without a promise more per statement. */
const watch = (query: DriverQuery, onQuery: QueryObserver['onQuery'], settled: () => void): void => {
  const begin = performance.now()
  const { resolve, reject } = query
  let isOpen = true
  const end = (outcome: QueryOutcome): void => {
    if (!isOpen) return
    isOpen = false
    settled()
    onQuery?.(performance.now() - begin, outcome)
  }
  query.resolve = (value) => {
    end('ok')
    resolve(value)
  }
  query.reject = (err) => {
    end(isUnavailable(err) ? 'unavailable' : 'error')
    reject(err)
  }
}

/** Holds the statement back until it has a place, and gives the place up when the statement has settled. */
const admit = (query: DriverQuery, admission: Admission): (() => void) => {
  const send = query.handler
  let isSettled = false
  let isHeld = false
  query.handler = (self) => {
    admission.enter(() => {
      isHeld = true
      if (isSettled) admission.leave()
      else send(self)
    }, self.reject)
  }
  return () => {
    isSettled = true
    if (isHeld) admission.leave()
  }
}

/** The driver's own BEGIN: its transaction holds the place already. */
const isBegin = (args: unknown[]): boolean =>
  typeof args[2] === 'object' && args[2] !== null && 'onexecute' in args[2]

/** What the statement holds until it has settled: inside a transaction its turn there, else a place of the pool. */
const takePart = (query: DriverQuery, args: unknown[], admission: Admission | undefined): (() => void) => {
  const nothing = (): void => undefined
  if (admission === undefined) return currentTransaction.getStore()?.beginStatement() ?? nothing
  return isBegin(args) ? nothing : admit(query, admission)
}

/** Drizzle sends every statement through `unsafe`, inside transactions too, where the transaction holds the place. */
const guardUnsafe = (client: Sql, { onQuery }: QueryObserver, admission: Admission | undefined): void => {
  const original = client.unsafe.bind(client) as unknown as AnyFunction
  const guarded: AnyFunction = (...args) => {
    const query = original(...args) as DriverQuery
    watch(query, onQuery, takePart(query, args, admission))
    return query
  }
  client.unsafe = guarded as unknown as typeof client.unsafe
}

const guardSavepoints = (client: Sql, observer: QueryObserver): void => {
  const scopes = client as unknown as Record<'savepoint', AnyFunction>
  const original = scopes.savepoint
  scopes.savepoint = async (...args) => {
    // The driver's own SAVEPOINT passes by the guard, so the whole of it counts as one statement.
    const end = currentTransaction.getStore()?.beginStatement()
    try {
      return await original(...args.slice(0, -1), scopeOf(args.at(-1) as AnyFunction, observer))
    } finally {
      end?.()
    }
  }
}

const scopeOf =
  (fn: AnyFunction, observer: QueryObserver): AnyFunction =>
  (inner) => {
    guardUnsafe(inner as Sql, observer, undefined)
    guardSavepoints(inner as Sql, observer)
    return fn(inner)
  }

const guardBegin = (client: Sql, observer: QueryObserver, admission: Admission): void => {
  const original = client.begin.bind(client) as unknown as AnyFunction
  const guarded: AnyFunction = async (...args) => {
    await new Promise<void>(admission.enter)
    try {
      return await original(...args.slice(0, -1), scopeOf(args.at(-1) as AnyFunction, observer))
    } finally {
      admission.leave()
    }
  }
  client.begin = guarded as unknown as typeof client.begin
}

/** Puts `admission` before everything that `client` sends, and watches it; in place. */
export const guardQueries = (client: Sql, observer: QueryObserver, admission: Admission): void => {
  guardUnsafe(client, observer, admission)
  guardBegin(client, observer, admission)
}
