import postgres, { type Sql } from 'postgres'
import { poolConnections } from './pool-connections.ts'
import type { PostgresOptions } from './postgres-options.ts'

async function pidOf(sql: Sql): Promise<number> {
  const [row] = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid')
  return row?.pid ?? 0
}

const rounds = 3
const waitSeconds = 2

/** Two clients in turn: one that keeps its session never meets the other's, and never changes its own. */
async function takeTurns(first: Sql, second: Sql, pid: number): Promise<boolean> {
  for (let round = 0; round < rounds; round += 1) {
    if ((await pidOf(second)) === pid || (await pidOf(first)) !== pid) return true
  }
  return false
}

/**
 * Whether `sql`, a client of one connection, leads through a pooler that gives its session to other clients between two
 * transactions. Without a pooler this is one question; `options` open the second client otherwise.
 */
export async function isTransactionPooled(sql: Sql, options: PostgresOptions): Promise<boolean> {
  const pid = await pidOf(sql)
  if (poolConnections(sql)[0]?.backend.pid === pid) return false
  const second = postgres({ ...options, ...{ query_timeout: waitSeconds }, max: 1, fetch_types: false })
  try {
    return await takeTurns(sql, second, pid)
  } catch (err) {
    // The only session of the pool stays with the first client: that is a pool of sessions.
    if ((err as { code?: unknown }).code === 'QUERY_TIMEOUT') return false
    throw err
  } finally {
    await second.end({ timeout: 0 })
  }
}
