import { lt, sql } from 'drizzle-orm'
import type { Database } from './open-database.ts'
import { idempotencyKeys } from './schema/idempotency-keys.ts'

/** Deletes keys older than 24 hours; returns how many. */
export async function sweepIdempotencyKeys(db: Database): Promise<number> {
  const swept = await db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`))
  return swept.count
}
