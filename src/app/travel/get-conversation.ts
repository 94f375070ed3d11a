import { and, eq, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { preparedOnce } from '#kit/prepared-once'
import { conversations } from './schema.ts'
import { toConversation, type Conversation } from './conversation.ts'
import { notFound } from '#kit/refusals'

const byId = preparedOnce((db) =>
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
