import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres, { type Sql } from 'postgres'
import { observeQueries, type QueryObserver } from './observe-queries.ts'
import { postgresOptions, type DatabaseSettings } from './postgres-options.ts'
import { openProbe, type Probe } from './probe.ts'
import * as schema from './schema/index.ts'

export type Database = PostgresJsDatabase<typeof schema>

export interface PoolStats {
  /** Connections the pool may open. */
  size: number
  inUse: number
  /** Statements and transactions that wait for a connection. */
  waiting: number
}

export interface DatabaseHandle {
  db: Database
  sql: Sql
  probe: Probe['run']
  ping: Probe['ping']
  stats: () => PoolStats
  close: () => Promise<void>
}

const closeTimeoutSeconds = 5

/** Opens no connection yet: the first query does, so that a process can start while the database is away. */
export const openDatabase = (settings: DatabaseSettings, observer: QueryObserver = {}): DatabaseHandle => {
  const options = postgresOptions(settings)
  const size = options.max ?? 10
  const sql = postgres(options)
  const counts = observeQueries(sql, observer)
  const probe = openProbe(options)
  return {
    db: drizzle(sql, { schema }),
    sql,
    probe: probe.run,
    ping: probe.ping,
    stats: () => ({
      size,
      inUse: Math.min(counts.active, size),
      waiting: Math.max(counts.active - size, 0),
    }),
    close: async () => {
      await Promise.all([sql.end({ timeout: closeTimeoutSeconds }), probe.close()])
    },
  }
}
