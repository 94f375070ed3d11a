import type { Database } from './open-database.ts'
import { pgError } from '../postgres/pg-error.ts'
import { currentTransaction, watchTransaction } from './transaction-watch.ts'

export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

interface TransactOptions {
  /** Repeats `work` after a serialization failure or a deadlock; only for work that is safe to run twice. */
  isIdempotent?: boolean
}

const attempts = 3

/** 40001 serialization_failure, 40P01 deadlock_detected: the server has rolled everything back. */
function isLostRace(err: unknown): boolean {
  return /^(40001|40P01)$/.test(pgError(err)?.sqlState ?? '')
}

function runOnce<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const watch = watchTransaction()
  return currentTransaction.run(watch, () =>
    db.transaction(async (tx) => {
      watch.begin()
      try {
        return await Promise.race([work(tx), watch.strayed])
      } finally {
        watch.end()
      }
    }),
  )
}

/**
 * Runs `work` in one transaction. The transaction holds a connection until `work` settles, so `work` awaits its own
 * statements only: any other wait rolls it back with an error. A nested `transact` would wait for another connection
 * while it holds the first, which deadlocks under load.
 */
export async function transact<T>(
  db: Database,
  work: (tx: Transaction) => Promise<T>,
  { isIdempotent = false }: TransactOptions = {},
): Promise<T> {
  if (currentTransaction.getStore() !== undefined) {
    throw new Error('a transaction was begun inside another one: hand its handle on instead')
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(db, work)
    } catch (err) {
      if (!isIdempotent || attempt >= attempts || !isLostRace(err)) throw err
    }
  }
}
