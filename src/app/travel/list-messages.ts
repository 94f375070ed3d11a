import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { preparedOnce } from '#kit/prepared-once'
import { conversations, messages } from './schema.ts'
import { decodeOrderCursor, encodeOrderCursor } from '#kit/cursor'
import { toMessage, type Message } from './message.ts'
import { toPage, type Page, type PageRequest } from '#kit/page'
import { notFound } from '#kit/refusals'

/** Left join from the conversation: no row means that it does not exist, a row without a message that it is empty. */
const inOrder = preparedOnce((db) =>
  db
    .select({ message: messages })
    .from(conversations)
    .leftJoin(
      messages,
      and(eq(messages.conversationId, conversations.id), gt(messages.position, sql.placeholder('after'))),
    )
    .where(
      and(
        eq(conversations.id, sql.placeholder('conversationId')),
        eq(conversations.userId, sql.placeholder('userId')),
      ),
    )
    .orderBy(asc(messages.position))
    .limit(sql.placeholder('limit'))
    .prepare('list_messages'),
)

/** Lists messages in the order in which they were appended. */
export async function listMessages(
  db: Database,
  userId: string,
  conversationId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<Message>> {
  const after = cursor === undefined ? 0 : decodeOrderCursor(cursor)
  const rows = isUuid(conversationId)
    ? await inOrder(db).execute({ userId, conversationId, after, limit: limit + 1 })
    : []
  if (rows.length === 0) throw notFound('conversation')
  const found = rows.flatMap(({ message }) => (message === null ? [] : [message]))
  return toPage(found, limit, { toItem: toMessage, toCursor: (last) => encodeOrderCursor(last.position) })
}
