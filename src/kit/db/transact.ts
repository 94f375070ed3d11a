import type { Database } from './open-database.ts'
import { pgError } from '../postgres/pg-error.ts'
import { currentTransaction, watchTransaction } from './transaction-watch.ts'

export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0]

interface TransactOptions {
  /** Runs `work` anew after a serialization failure or a deadlock; only for work that a second run leaves the same. */
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
 * One transaction. It holds a connection until `work` settles, so `work` awaits nothing but its own statements: any other
 * wait is an error that rolls it back. A second transaction inside it would wait for another connection while it holds
 * the first, which under load is a deadlock.
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
