import { AsyncLocalStorage } from 'node:async_hooks'

export interface TransactionWatch {
  /** A statement of this transaction was sent; call what it returns when the statement has settled. */
  beginStatement: () => () => void
  /** The work begins: from here on it may wait for its statements only. */
  begin: () => void
  end: () => void
  /** Rejects when the work waits for anything else; never resolves. */
  strayed: Promise<never>
}

/** The transaction that the calling code runs in, if `transact` began it. */
export const currentTransaction = new AsyncLocalStorage<TransactionWatch>()

/**
 * Notices an await that is none of the transaction's own: a statement's answer resumes the work in microtasks, so a turn
 * of the event loop that ends without a statement on its way means that the work waits for a timer, a socket, another
 * connection. Meanwhile it would hold its own connection and every lock.
 */
export function watchTransaction(): TransactionWatch {
  let running = 0
  let isOpen = false
  // Made now, because its stack is to name who began the transaction.
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
