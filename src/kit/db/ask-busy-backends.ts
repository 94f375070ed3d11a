import postgres from 'postgres'
import { poolConnections } from '../postgres/pool-connections.ts'
import type { PostgresOptions } from '../postgres/postgres-options.ts'

const deadlineSeconds = 1

/**
 * Returns the pids of backends that are not waiting for their client, read over a new connection: `state` is no use,
 * because a backend that waits between two messages of a statement is `active`. Returns undefined behind a pooler,
 * whose pids are not those of the server.
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
    // The backend that runs this query is busy itself.
    return busy.has(poolConnections(sql)[0]?.backend.pid ?? 0) ? busy : undefined
  } finally {
    await sql.end({ timeout: 0 })
  }
}
