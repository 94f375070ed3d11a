import { lt, sql } from 'drizzle-orm'
import type { Database } from '../db/open-database.ts'
import { idempotencyKeys } from '../db/schema/travel-tables.ts'

/** Frees the keys that are older than a day; returns how many there were. */
export async function sweepIdempotencyKeys(db: Database): Promise<number> {
  const swept = await db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`))
  return swept.count
}
