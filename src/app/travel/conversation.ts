import { z } from 'zod'
import { storableText } from '#kit/storable-text'
import type { conversations } from './schema.ts'

export const createConversationInput = z.strictObject({
  title: storableText(200),
  itineraryId: z.uuid().nullable().default(null),
})

export const conversationSchema = z.object({
  id: z.uuid(),
  title: z.string(),
  itineraryId: z.uuid().nullable(),
  messageCount: z.int().min(0),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

export type CreateConversationInput = z.output<typeof createConversationInput>
export type Conversation = z.infer<typeof conversationSchema>

export function toConversation(row: typeof conversations.$inferSelect): Conversation {
  return {
    id: row.id,
    title: row.title,
    itineraryId: row.itineraryId,
    messageCount: row.messageCount,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
