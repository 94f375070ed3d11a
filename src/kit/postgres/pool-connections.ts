import type { Sql } from 'postgres'
import { AppError } from '../errors.ts'

/** A connection of the pool as the patched driver shows it; the same object again after every reconnect. */
export interface PoolConnection {
  /** The number the server gave it; null until then. */
  readonly backend: { readonly pid: number | null }
  /** The socket on which a statement or the start-up waits for bytes; null while nothing waits. */
  readonly awaited: { readonly bytesRead: number } | null
  /** Fails what waits there with this code, cancels it on the server, and drops every idle connection as well. */
  giveUp: (code: string) => void
}

/** Without the patch a dying connection takes the process with it: better no start than that. */
export function poolConnections(sql: Sql): readonly PoolConnection[] {
  const { connections } = sql as Sql & { connections?: readonly PoolConnection[] }
  if (connections !== undefined && 'query_timeout' in sql.options) return connections
  throw new AppError('internal', 'the driver in node_modules lacks our patch, or a part of it', {
    hint: 'npm ci, which applies patches/ to a driver that is new',
  })
}
