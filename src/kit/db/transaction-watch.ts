import { AsyncLocalStorage } from 'node:async_hooks'

export interface TransactionWatch {
  /** Records that a statement was sent; the returned function records that it settled. */
  beginStatement: () => () => void
  /** Starts the watch: from here on the work may only wait for its statements. */
  begin: () => void
  end: () => void
  /** Rejects when the work waits for anything else; never resolves. */
  strayed: Promise<never>
}

/** The transaction that `transact` opened around the calling code. */
export const currentTransaction = new AsyncLocalStorage<TransactionWatch>()

/**
 * Detects an await on anything but the transaction's own statements. An answer resumes the work in microtasks, so a
 * turn of the event loop that ends without a pending statement means that the work waits for a timer, a socket or
 * another connection, while it holds its connection and every lock.
 */
export function watchTransaction(): TransactionWatch {
  let running = 0
  let isOpen = false
  // Created here, because its stack must name the caller that began the transaction.
  const stray = new Error(
    'a transaction waited for something else than its own statements: do that before or after',
  )
  const { promise: strayed, reject } = Promise.withResolvers<never>()
  strayed.catch(() => undefined)
  const look = (): void => {
    if (isOpen && running === 0) reject(stray)
  }
  return {
    strayed,
    begin: () => {
      isOpen = true
      setImmediate(look)
    },
    end: () => (isOpen = false),
    beginStatement: () => {
      running += 1
      return () => {
        running -= 1
        setImmediate(look)
      }
    },
  }
}
