import { v7 as uuidv7 } from 'uuid'
import type { Database } from '#kit/database'
import type { Queries } from '#kit/prepared-once'
import { pgError } from '#kit/pg-error'
import { conversations } from './schema.ts'
import { AppError } from '#kit/errors'
import { createOnce, type Idempotency } from '#kit/create-once'
import { getItinerary } from './get-itinerary.ts'
import { toConversation, type Conversation, type CreateConversationInput } from './conversation.ts'
import { notFound } from '#kit/refusals'

/**
 * Creates a conversation. With `idempotency` a repeated request gets the first answer unchanged, for the 24 hours
 * until the key is swept.
 */
export async function createConversation(
  db: Database,
  userId: string,
  input: CreateConversationInput,
  idempotency?: Idempotency,
): Promise<{ conversation: Conversation; replayed: boolean }> {
  const { created, replayed } = await createOnce(db, userId, idempotency, (tx) => insert(tx, userId, input))
  return { conversation: created, replayed }
}

async function insert(db: Queries, userId: string, input: CreateConversationInput): Promise<Conversation> {
  // The foreign key would accept another user's itinerary.
  if (input.itineraryId !== null) await getItinerary(db, userId, input.itineraryId)
  const [row] = await db
    .insert(conversations)
    .values({ id: uuidv7(), userId, ...input })
    .returning()
    .catch(itineraryGone)
  if (row === undefined) throw new AppError('internal', 'the conversation was not written')
  return toConversation(row)
}

/** The itinerary was deleted between the check and the insert. */
function itineraryGone(err: unknown): never {
  throw pgError(err)?.constraint === 'conversations_itinerary_id_fkey' ? notFound('itinerary') : err
}
