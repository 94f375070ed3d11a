import { performance } from 'node:perf_hooks'
import postgres, { type Sql } from 'postgres'
import { AppError } from '../errors.ts'
import type { PostgresOptions } from '../postgres/postgres-options.ts'

export interface Ping {
  latencyMs: number
  serverVersion: string
}

export interface Probe {
  /** Runs `fn` on a connection that no request can occupy; rejects after `deadlineMs`. */
  run: <T>(deadlineMs: number, fn: (sql: Sql) => Promise<T>) => Promise<T>
  ping: (deadlineMs: number) => Promise<Ping>
  close: () => Promise<void>
}

async function withDeadline<T>(deadlineMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new AppError('unavailable', `the database gave no answer within ${deadlineMs} ms`)),
      deadlineMs,
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

async function measure(sql: Sql): Promise<Ping> {
  const begin = performance.now()
  const rows = await sql<
    { server_version: string }[]
  >`select current_setting('server_version') as server_version`
  const serverVersion = rows[0]?.server_version.split(' ')[0] ?? 'unknown'
  return { latencyMs: Math.round((performance.now() - begin) * 100) / 100, serverVersion }
}

/**
 * Opens one connection for health checks, so that a busy pool does not look like a dead database. A connection that
 * misses its deadline is discarded: a frozen server would keep it waiting even after recovery.
 */
export function openProbe(options: PostgresOptions): Probe {
  const connect = (): Sql => postgres({ ...options, max: 1, fetch_types: false })
  let client: Sql | undefined
  const discard = async (failed: Sql): Promise<void> => {
    if (client === failed) client = undefined
    await failed.end({ timeout: 0 })
  }
  const run: Probe['run'] = async (deadlineMs, fn) => {
    const current = (client ??= connect())
    const answer = fn(current)
    try {
      return await withDeadline(deadlineMs, answer)
    } catch (err) {
      // The deadline won the race, and no other code handles this promise.
      answer.catch(() => undefined)
      await discard(current)
      throw err
    }
  }
  return {
    run,
    ping: (deadlineMs) => run(deadlineMs, measure),
    close: async () => {
      if (client !== undefined) await discard(client)
    },
  }
}
