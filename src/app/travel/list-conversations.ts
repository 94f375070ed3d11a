import { and, desc, eq, sql } from 'drizzle-orm'
import type { Database } from '#kit/database'
import { preparedOnce } from '#kit/prepared-once'
import { conversations } from './schema.ts'
import { toConversation, type Conversation } from './conversation.ts'
import { beforeFirstPage, decodeTimeCursor, encodeTimeCursor } from '#kit/cursor'
import { toPage, type Page, type PageRequest } from '#kit/page'

const newestFirst = preparedOnce((db) =>
  db
    .select()
    .from(conversations)
    .where(
      and(
        eq(conversations.userId, sql.placeholder('userId')),
        sql`(${conversations.createdAt}, ${conversations.id}) < (${sql.placeholder('createdAt')}::timestamptz, ${sql.placeholder('id')}::uuid)`,
      ),
    )
    .orderBy(desc(conversations.createdAt), desc(conversations.id))
    .limit(sql.placeholder('limit'))
    .prepare('list_conversations'),
)

/** Lists conversations by creation time, newest first. */
export async function listConversations(
  db: Database,
  userId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<Conversation>> {
  const { createdAt, id } = cursor === undefined ? beforeFirstPage : decodeTimeCursor(cursor)
  const position = { createdAt: createdAt.toISOString(), id }
  const rows = await newestFirst(db).execute({ userId, limit: limit + 1, ...position })
  return toPage(rows, limit, { toItem: toConversation, toCursor: encodeTimeCursor })
}
