import { sql } from 'drizzle-orm'
import { check, foreignKey, index, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { user } from './auth-tables.ts'
import { instant } from './instant.ts'

/** First response to a creation that its client may retry; written in the same transaction as the created row. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: text('user_id').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    response: jsonb('response').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'idempotency_keys_pkey', columns: [table.userId, table.key] }),
    foreignKey({
      name: 'idempotency_keys_user_id_fkey',
      columns: [table.userId],
      foreignColumns: [user.id],
    }).onDelete('cascade'),
    index('idempotency_keys_created_at_idx').on(table.createdAt),
    check('idempotency_keys_key_check', sql`char_length(${table.key}) BETWEEN 1 AND 255`),
    check('idempotency_keys_request_hash_check', sql`char_length(${table.requestHash}) BETWEEN 1 AND 128`),
  ],
)
