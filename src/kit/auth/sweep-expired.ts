import { lt, sql } from 'drizzle-orm'
import type { Database } from '../db/open-database.ts'
import { rateLimit, session, verification } from '../db/schema/auth-tables.ts'

/**
 * Deletes expired sessions and verifications, and rate-limit counters unused for 24 hours. Returns the number of
 * rows.
 */
export async function sweepExpired(db: Database): Promise<number> {
  const sessions = await db.delete(session).where(lt(session.expiresAt, sql`now()`))
  const verifications = await db.delete(verification).where(lt(verification.expiresAt, sql`now()`))
  const aDayAgo = sql`(extract(epoch FROM now() - interval '24 hours') * 1000)::bigint`
  const counters = await db.delete(rateLimit).where(lt(rateLimit.lastRequest, aDayAgo))
  return sessions.count + verifications.count + counters.count
}
