import postgres, { type Sql } from 'postgres'
import { poolConnections } from './pool-connections.ts'
import type { PostgresOptions } from './postgres-options.ts'

async function pidOf(sql: Sql): Promise<number> {
  const [row] = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid')
  return row?.pid ?? 0
}

const rounds = 3
const waitSeconds = 2

/**
 * Queries two clients alternately: a client with a session of its own never sees the other's pid or a change of its
 * own.
 */
async function takeTurns(first: Sql, second: Sql, pid: number): Promise<boolean> {
  for (let round = 0; round < rounds; round += 1) {
    if ((await pidOf(second)) === pid || (await pidOf(first)) !== pid) return true
  }
  return false
}

/**
 * Returns true when `sql`, a client with one connection, goes through a pooler in transaction mode. Costs one query
 * without a pooler; otherwise `options` open a second client.
 */
export async function isTransactionPooled(sql: Sql, options: PostgresOptions): Promise<boolean> {
  const pid = await pidOf(sql)
  if (poolConnections(sql)[0]?.backend.pid === pid) return false
  const second = postgres({ ...options, ...{ query_timeout: waitSeconds }, max: 1, fetch_types: false })
  try {
    return await takeTurns(sql, second, pid)
  } catch (err) {
    // The pool's only session stays with the first client: session mode.
    if ((err as { code?: unknown }).code === 'QUERY_TIMEOUT') return false
    throw err
  } finally {
    await second.end({ timeout: 0 })
  }
}
