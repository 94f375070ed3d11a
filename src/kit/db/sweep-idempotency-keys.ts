import { lt, sql } from 'drizzle-orm'
import type { Database } from './open-database.ts'
import { idempotencyKeys } from './schema/idempotency-keys.ts'

/** Frees the keys that are older than a day; returns how many there were. */
export async function sweepIdempotencyKeys(db: Database): Promise<number> {
  const swept = await db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, sql`now() - interval '24 hours'`))
  return swept.count
}
