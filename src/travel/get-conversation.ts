import { and, eq, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '../db/open-database.ts'
import { perDatabase } from '../db/per-database.ts'
import { conversations } from '../db/schema/travel-tables.ts'
import { toConversation, type Conversation } from './model/conversation.ts'
import { notFound } from './model/refusals.ts'

const byId = perDatabase((db) =>
  db
    .select()
    .from(conversations)
    .where(
      and(eq(conversations.id, sql.placeholder('id')), eq(conversations.userId, sql.placeholder('userId'))),
    )
    .prepare('get_conversation'),
)

export async function getConversation(db: Database, userId: string, id: string): Promise<Conversation> {
  const [row] = isUuid(id) ? await byId(db).execute({ id, userId }) : []
  if (row === undefined) throw notFound('conversation')
  return toConversation(row)
}
