import { and, eq } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '../db/open-database.ts'
import { conversations } from '../db/schema/travel-tables.ts'
import { notFound } from './model/refusals.ts'

/** With every message in it. */
export async function deleteConversation(db: Database, userId: string, id: string): Promise<void> {
  if (!isUuid(id)) throw notFound('conversation')
  const deleted = await db
    .delete(conversations)
    .where(and(eq(conversations.id, id), eq(conversations.userId, userId)))
    .returning({ id: conversations.id })
  if (deleted.length === 0) throw notFound('conversation')
}
