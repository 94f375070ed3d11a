import { setTimeout as wait } from 'node:timers/promises'
import postgres from 'postgres'
import type { Stage } from './stage.ts'

const attemptMs = 1_000
const deadlineMs = 60_000

/** As a client of its own, past the proxy: a connection, and leave to write. */
async function accepts(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: attemptMs / 1_000, onnotice: () => undefined })
  try {
    const [row] = await sql<
      { readOnly: string }[]
    >`select current_setting('transaction_read_only') as "readOnly"`
    return row?.readOnly === 'off'
  } catch {
    return false
  } finally {
    await sql.end({ timeout: 0 })
  }
}

/** When PostgreSQL itself was first seen to accept a connection that may write. */
export async function untilAccepts(stage: Stage): Promise<number> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const begin = performance.now()
    if (await accepts(stage.url('app'))) return begin
    if (begin > end) throw new Error(`PostgreSQL accepts nobody within ${deadlineMs} ms`)
    await wait(10)
  }
}
