import { eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Database } from '../db/open-database.ts'
import { preparedOnce } from '../db/prepared-once.ts'
import { rateLimit } from '../db/schema/auth-tables.ts'

interface Rule {
  /** In seconds. */
  window: number
  max: number
}

interface Verdict {
  allowed: boolean
  /** Seconds until the window is over; null when allowed. */
  retryAfter: number | null
}

const now = sql`(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
const windowMs = sql`${sql.placeholder('windowMs')}::bigint`
const isOver = sql`${rateLimit.lastRequest} <= ${now} - ${windowMs}`

/** Writes nothing once the limit is reached, so that a flood costs one read of one row. */
const countUp = preparedOnce((db) =>
  db
    .insert(rateLimit)
    .values({ id: sql.placeholder('id'), key: sql.placeholder('key'), count: 1, lastRequest: now })
    .onConflictDoUpdate({
      target: rateLimit.key,
      set: {
        count: sql`CASE WHEN ${isOver} THEN 1 ELSE ${rateLimit.count} + 1 END`,
        lastRequest: sql`CASE WHEN ${isOver} THEN ${now} ELSE ${rateLimit.lastRequest} END`,
      },
      setWhere: sql`${isOver} OR ${rateLimit.count} < ${sql.placeholder('max')}::integer`,
    })
    .returning({ count: rateLimit.count })
    .prepare('count_up_rate_limit'),
)

const remainingMs = preparedOnce((db) =>
  db
    .select({ ms: sql<string>`${rateLimit.lastRequest} + ${windowMs} - ${now}` })
    .from(rateLimit)
    .where(eq(rateLimit.key, sql.placeholder('key')))
    .prepare('remaining_rate_limit'),
)

/**
 * Counts one request under `key` in one statement, by the clock of the database, so that replicas share one count.
 * `last_request` holds the time at which the window began. Better Auth's own store takes two statements, logs a
 * unique violation when two clients begin at once, and restarts the window with every request, which locks out a slow
 * but steady client.
 */
export async function consumeRateLimit(db: Database, key: string, { window, max }: Rule): Promise<Verdict> {
  const windowMs = window * 1000
  const counted = await countUp(db).execute({ id: uuidv7(), key, windowMs, max })
  if (counted.length > 0) return { allowed: true, retryAfter: null }
  const [remaining] = await remainingMs(db).execute({ key, windowMs })
  return { allowed: false, retryAfter: Math.max(1, Math.ceil(Number(remaining?.ms ?? windowMs) / 1000)) }
}
