import type { Sql } from 'postgres'
import { AppError } from '../errors.ts'

/** A connection of the pool, as the patched driver exposes it; the object stays the same after a reconnect. */
export interface PoolConnection {
  /** Pid assigned by the server; null before. */
  readonly backend: { readonly pid: number | null }
  /** Socket on which a statement or the start-up waits for bytes; null when nothing waits. */
  readonly awaited: { readonly bytesRead: number } | null
  /** Fails the waiting statement with this code, cancels it on the server, and closes every idle connection too. */
  giveUp: (code: string) => void
}

/**
 * Returns the connections of the pool. Throws without the driver patch: a dying connection would then end the
 * process.
 */
export function poolConnections(sql: Sql): readonly PoolConnection[] {
  const { connections } = sql as Sql & { connections?: readonly PoolConnection[] }
  if (connections !== undefined && 'query_timeout' in sql.options) return connections
  throw new AppError('internal', 'the driver in node_modules lacks our patch, or a part of it', {
    hint: 'npm ci, which applies patches/ to a driver that is new',
  })
}
