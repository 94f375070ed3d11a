import postgres from 'postgres'
import type { PostgresOptions } from '../postgres/postgres-options.ts'

export interface LockSettings {
  name: string
  /** The server ends an older lock, even when its client is gone. */
  maxHoldMs: number
}

/**
 * Runs `work` while it holds the advisory lock `name` of this database, and returns its result. Returns `undefined`
 * at once when another session holds the lock. When the lock's connection ends early, `lost` is aborted and the call
 * rejects.
 */
export type WithLock = <T>(
  lock: LockSettings,
  work: (lost: AbortSignal) => Promise<T>,
) => Promise<T | undefined>

/** "slij"; no other lock of the kit uses this class. */
const classId = 0x736c696a

/**
 * Opens one connection beside the pool per lock. The lock belongs to a transaction: it ends with the connection, and
 * works behind a pooler in transaction mode. That transaction has no snapshot, so VACUUM does not wait for it.
 */
export function createWithLock(options: PostgresOptions): WithLock {
  return async <T>({ name, maxHoldMs }: LockSettings, work: (lost: AbortSignal) => Promise<T>) => {
    const sql = postgres({ ...options, max: 1, fetch_types: false, max_lifetime: null })
    const lost = new AbortController()
    let result: T | undefined
    try {
      await sql.begin(async (tx) => {
        const [row] = await tx<{ taken: boolean }[]>`
          select set_config('idle_in_transaction_session_timeout', ${String(maxHoldMs)}, true),
            pg_try_advisory_xact_lock(${classId}, hashtext(${name})) as taken`
        if (row?.taken === true) result = await work(lost.signal)
      })
      return result
    } catch (err) {
      lost.abort(err)
      throw err
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
}
