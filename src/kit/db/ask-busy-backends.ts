import postgres from 'postgres'
import { poolConnections } from '../postgres/pool-connections.ts'
import type { PostgresOptions } from '../postgres/postgres-options.ts'

const deadlineSeconds = 1

/**
 * The backends that do not wait for their client, asked on a connection that is opened for it: one that waits between
 * two messages of a statement is `active` and has nothing to do all the same. Undefined where the numbers are not the
 * server's own, because a pooler stands in between: then the answer says nothing of our connections.
 */
export async function askBusyBackends(options: PostgresOptions): Promise<ReadonlySet<number> | undefined> {
  const sql = postgres({
    ...options,
    ...{ query_timeout: deadlineSeconds },
    max: 1,
    fetch_types: false,
  })
  try {
    const rows = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type is distinct from 'Client'`
    const busy = new Set(rows.map(({ pid }) => pid))
    // Who asks is at work itself.
    return busy.has(poolConnections(sql)[0]?.backend.pid ?? 0) ? busy : undefined
  } finally {
    await sql.end({ timeout: 0 })
  }
}
