import { and, eq, sql } from 'drizzle-orm'
import { v7 as uuidv7, validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { preparedOnce, type Queries } from '#kit/prepared-once'
import { conversations, messages } from './schema.ts'
import { createOnce, type Idempotency } from '#kit/create-once'
import { toMessage, type AppendMessageInput, type Message } from './message.ts'
import { notFound } from '#kit/refusals'

/**
 * One statement, so that without a key no transaction stays open between client and server. Incrementing the count
 * locks the row of the conversation, so parallel appends get consecutive positions. Without that row nothing is
 * inserted.
 */
const append = preparedOnce((db) => {
  const counted = db.$with('counted').as(
    db
      .update(conversations)
      .set({ messageCount: sql`${conversations.messageCount} + 1`, updatedAt: sql`now()` })
      .where(
        and(
          eq(conversations.id, sql.placeholder('conversationId')),
          eq(conversations.userId, sql.placeholder('userId')),
        ),
      )
      .returning({ id: conversations.id, position: conversations.messageCount }),
  )
  return db
    .with(counted)
    .insert(messages)
    .select(
      db
        .select({
          id: sql`${sql.placeholder('id')}::uuid`.as('id'),
          conversationId: counted.id,
          position: counted.position,
          role: sql`${sql.placeholder('role')}::text`.as('role'),
          content: sql`${sql.placeholder('content')}::text`.as('content'),
          createdAt: sql`now()`.as('created_at'),
        })
        .from(counted),
    )
    .returning()
    .prepare('append_message')
})

/**
 * Appends a message. With `idempotency` a repeated request gets the first answer unchanged, for the 24 hours until
 * the key is swept.
 */
export async function appendMessage(
  db: Database,
  userId: string,
  conversationId: string,
  input: AppendMessageInput,
  idempotency?: Idempotency,
): Promise<{ message: Message; replayed: boolean }> {
  if (!isUuid(conversationId)) throw notFound('conversation')
  const insertion = (tx: Queries) => insert(tx, userId, conversationId, input)
  const { created, replayed } = await createOnce(db, userId, idempotency, insertion)
  return { message: created, replayed }
}

async function insert(
  db: Queries,
  userId: string,
  conversationId: string,
  input: AppendMessageInput,
): Promise<Message> {
  const [row] = await append(db).execute({ id: uuidv7(), userId, conversationId, ...input })
  if (row === undefined) throw notFound('conversation')
  return toMessage(row)
}
