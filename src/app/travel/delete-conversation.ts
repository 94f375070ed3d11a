import { and, eq } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { conversations } from './schema.ts'
import { notFound } from '#kit/refusals'

/** Deletes the conversation with all its messages. */
export async function deleteConversation(db: Database, userId: string, id: string): Promise<void> {
  if (!isUuid(id)) throw notFound('conversation')
  const deleted = await db
    .delete(conversations)
    .where(and(eq(conversations.id, id), eq(conversations.userId, userId)))
    .returning({ id: conversations.id })
  if (deleted.length === 0) throw notFound('conversation')
}
