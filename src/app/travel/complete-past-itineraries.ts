import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import type { Database } from '#kit/database'
import { itineraries } from './schema.ts'

const batchSize = 1_000

/**
 * Completes the planned itineraries of all users that ended more than `days` days ago, in UTC; returns how many. Each
 * batch is a statement of its own, so that it stays below the statement timeout and holds its row locks briefly.
 */
export async function completePastItineraries(
  db: Database,
  days: number,
  signal: AbortSignal,
): Promise<number> {
  const isPast = and(
    eq(itineraries.status, 'planned'),
    lt(itineraries.endsOn, sql`current_date - ${days}::integer`),
  )
  let completed = 0
  for (;;) {
    signal.throwIfAborted()
    const { count } = await db
      .update(itineraries)
      .set({ status: 'completed', version: sql`${itineraries.version} + 1`, updatedAt: sql`now()` })
      .where(
        inArray(
          itineraries.id,
          db.select({ id: itineraries.id }).from(itineraries).where(isPast).limit(batchSize),
        ),
      )
    completed += count
    if (count < batchSize) return completed
  }
}
