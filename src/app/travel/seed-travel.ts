import type { Database } from '#kit/database'
import type { Queries } from '#kit/prepared-once'
import { transact } from '#kit/transact'
import { conversations, itineraries, messages, preferences } from './schema.ts'
import type { SeedPlan } from './seed-plan.ts'

/** Inserts the missing rows of the plan in one transaction, and leaves existing rows alone. */
export async function seedTravel(db: Database, userId: string, plan: SeedPlan): Promise<void> {
  await transact(db, async (tx) => {
    await tx.insert(preferences).values({ userId, settings: plan.preferences }).onConflictDoNothing()
    await seedItineraries(tx, userId, plan.itineraries)
    for (const conversation of plan.conversations) await seedConversation(tx, userId, conversation)
  })
}

async function seedItineraries(tx: Queries, userId: string, wanted: SeedPlan['itineraries']): Promise<void> {
  const rows = wanted.map(({ archived = false, ...row }) => ({
    ...row,
    userId,
    archivedAt: archived ? new Date() : null,
  }))
  await tx.insert(itineraries).values(rows).onConflictDoNothing()
}

async function seedConversation(
  tx: Queries,
  userId: string,
  { messages: said, ...wanted }: SeedPlan['conversations'][number],
): Promise<void> {
  const row = { ...wanted, userId, messageCount: said.length }
  const created = await tx
    .insert(conversations)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: conversations.id })
  if (created.length === 0) return
  await tx.insert(messages).values(
    said.map((message, index) => ({
      ...message,
      id: messageId(wanted.id, index),
      conversationId: wanted.id,
      position: index + 1,
    })),
  )
}

/** Returns the conversation's id with its last digits increased, so that seeded messages have fixed ids too. */
function messageId(conversationId: string, index: number): string {
  return `${conversationId.slice(0, 24)}1${conversationId.slice(-3)}${index.toString(16).padStart(8, '0')}`
}
