import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import type { Database } from '../db/open-database.ts'
import { account, rateLimit, session, user, verification } from '../db/schema/auth-tables.ts'

/**
 * Creates Better Auth's Drizzle adapter. Without `transaction` a sign-up that fails half-way leaves a user who can
 * never sign in.
 */
export function createAuthAdapter(db: Database) {
  return drizzleAdapter(db, {
    provider: 'pg',
    schema: { user, session, account, verification, rateLimit },
    transaction: true,
  })
}
