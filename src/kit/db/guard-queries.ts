import type { Sql } from 'postgres'
import type { Admission } from './admission.ts'
import { ticketQuery, type DriverQuery, type QueryObserver } from './query-ticket.ts'
import { currentTransaction } from './transaction-watch.ts'

type AnyFunction = (...args: unknown[]) => unknown

const nothing = {}

/** The driver's own BEGIN: its transaction already holds a place. */
function isBegin(options: unknown): boolean {
  return typeof options === 'object' && options !== null && 'onexecute' in options
}

/**
 * Wraps `unsafe`, through which Drizzle sends every statement: a statement in a transaction uses the transaction's
 * place, any other takes one of its own.
 */
function guardUnsafe(client: Sql, observer: QueryObserver, admission: Admission | undefined): void {
  const original = client.unsafe.bind(client) as unknown as AnyFunction
  const holds = { admission }
  const guarded: AnyFunction = (...args) => {
    const query = original(...args) as DriverQuery
    if (admission === undefined) {
      ticketQuery(query, observer, { settled: currentTransaction.getStore()?.beginStatement() })
    } else {
      ticketQuery(query, observer, isBegin(args[2]) ? nothing : holds)
    }
    return query
  }
  client.unsafe = guarded as unknown as typeof client.unsafe
}

function guardSavepoints(client: Sql, observer: QueryObserver): void {
  const scopes = client as unknown as Record<'savepoint', AnyFunction>
  const original = scopes.savepoint
  scopes.savepoint = async (...args) => {
    // The driver's own SAVEPOINT bypasses the guard, so the nested transaction counts as one statement.
    const end = currentTransaction.getStore()?.beginStatement()
    try {
      return await original(...args.slice(0, -1), scopeOf(args.at(-1) as AnyFunction, observer))
    } finally {
      end?.()
    }
  }
}

function scopeOf(fn: AnyFunction, observer: QueryObserver): AnyFunction {
  return (inner) => {
    guardUnsafe(inner as Sql, observer, undefined)
    guardSavepoints(inner as Sql, observer)
    return fn(inner)
  }
}

function guardBegin(client: Sql, observer: QueryObserver, admission: Admission): void {
  const original = client.begin.bind(client) as unknown as AnyFunction
  const guarded: AnyFunction = async (...args) => {
    await new Promise<void>((run, refuse) => admission.enter({ run, refuse }))
    try {
      return await original(...args.slice(0, -1), scopeOf(args.at(-1) as AnyFunction, observer))
    } finally {
      admission.leave()
    }
  }
  client.begin = guarded as unknown as typeof client.begin
}

/**
 * Wraps `client` in place: statements and transactions wait for `admission`, and `observer` is told of each
 * statement.
 */
export function guardQueries(client: Sql, observer: QueryObserver, admission: Admission): void {
  guardUnsafe(client, observer, admission)
  guardBegin(client, observer, admission)
}
