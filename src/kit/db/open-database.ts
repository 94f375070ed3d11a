import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres, { type Sql } from 'postgres'
import { createAdmission } from './admission.ts'
import { askBusyBackends } from './ask-busy-backends.ts'
import { guardQueries } from './guard-queries.ts'
import { poolConnections } from '../postgres/pool-connections.ts'
import { postgresOptions, type DatabaseSettings } from '../postgres/postgres-options.ts'
import type { QueryObserver } from './query-ticket.ts'
import { openProbe, type Probe } from './probe.ts'
import * as schema from './schema/index.ts'
import { assertParameters, sessionParameters } from '../postgres/session-parameters.ts'
import { watchDeadConnections } from './watch-dead-connections.ts'
import { createWithLock, type WithLock } from './with-lock.ts'

export type Database = PostgresJsDatabase<typeof schema>

export interface PoolStats {
  /** Maximum number of connections of the pool. */
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
  withLock: WithLock
  /**
   * Rejects when a pooler drops or refuses the session's time-outs and settings, or the server does not answer in
   * time.
   */
  assertSession: (deadlineMs: number) => Promise<void>
  close: () => Promise<void>
}

export interface PoolSettings extends DatabaseSettings {
  /** Longest wait for a connection of the pool; the queue holds up to twice the pool size. */
  poolWaitMs: number
  /** Longest time of a statement that the server does not end by itself; its connection is then replaced. */
  queryTimeoutMs: number
}

const closeTimeoutSeconds = 5

/**
 * Opens the pool without connecting: the first query connects, so that a process can start while the database is
 * down.
 */
export function openDatabase(settings: PoolSettings, observer: QueryObserver = {}): DatabaseHandle {
  const options = postgresOptions(settings)
  const size = settings.poolSize
  const sql = postgres(options)
  const silent = watchDeadConnections(poolConnections(sql), () => askBusyBackends(options))
  const admission = createAdmission({ size, queueLimit: 2 * size, waitMs: settings.poolWaitMs })
  guardQueries(sql, observer, admission)
  const probe = openProbe(options)
  return {
    db: drizzle(sql, { schema }),
    sql,
    probe: probe.run,
    ping: probe.ping,
    stats: () => ({ size, ...admission.counts }),
    withLock: createWithLock(options),
    assertSession: (deadlineMs) =>
      assertParameters((find) => probe.run(deadlineMs, find), sessionParameters(settings)),
    close: async () => {
      await Promise.all([sql.end({ timeout: closeTimeoutSeconds }), probe.close()])
      await silent.close()
    },
  }
}
