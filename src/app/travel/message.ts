import { z } from 'zod'
import { storableProse } from '#kit/storable-text'
import { messages } from './schema.ts'

export const appendMessageInput = z.strictObject({
  role: z.enum(messages.role.enumValues),
  content: storableProse(32_000),
})

export const messageSchema = z.object({
  id: z.uuid(),
  conversationId: z.uuid(),
  position: z.int().min(1),
  role: z.enum(messages.role.enumValues),
  content: z.string(),
  createdAt: z.iso.datetime(),
})

export type AppendMessageInput = z.output<typeof appendMessageInput>
export type Message = z.infer<typeof messageSchema>

export function toMessage(row: typeof messages.$inferSelect): Message {
  return { ...row, createdAt: row.createdAt.toISOString() }
}
