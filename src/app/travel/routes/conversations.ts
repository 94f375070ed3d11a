import { appendMessage } from '../append-message.ts'
import { createConversation } from '../create-conversation.ts'
import { deleteConversation } from '../delete-conversation.ts'
import { getConversation } from '../get-conversation.ts'
import { listConversations } from '../list-conversations.ts'
import { listMessages } from '../list-messages.ts'
import type { AppDeps } from '#kit/app-deps'
import { createRouter } from '#kit/router'
import { idempotencyOf } from '#kit/idempotency'
import { userGuards } from '#kit/user-guards'
import { setNextLink } from '#kit/next-link'
import { setHeaders } from '#kit/set-headers'
import { append, create, list, listOfMessages, read, remove } from './conversations-contract.ts'

export function createConversationRoutes(deps: Pick<AppDeps, 'auth' | 'db' | 'settings'>) {
  const { db } = deps
  const { user, userWithBody } = userGuards(deps)
  return createRouter()
    .openapi({ ...create, middleware: userWithBody }, async (c) => {
      const input = c.req.valid('json')
      const idempotency = idempotencyOf(c.req.header('idempotency-key'), input)
      const { conversation, replayed } = await createConversation(db, c.get('user').id, input, idempotency)
      setHeaders(c, { location: `/api/conversations/${conversation.id}` })
      if (replayed) setHeaders(c, { 'idempotency-replayed': 'true' })
      return c.json(conversation, 201)
    })
    .openapi({ ...list, middleware: user }, async (c) => {
      const page = await listConversations(db, c.get('user').id, c.req.valid('query'))
      setNextLink(c, page.nextCursor)
      return c.json(page, 200)
    })
    .openapi({ ...read, middleware: user }, async (c) =>
      c.json(await getConversation(db, c.get('user').id, c.req.valid('param').id), 200),
    )
    .openapi({ ...remove, middleware: user }, async (c) => {
      await deleteConversation(db, c.get('user').id, c.req.valid('param').id)
      return c.body(null, 204)
    })
    .openapi({ ...append, middleware: userWithBody }, async (c) => {
      const { id } = c.req.valid('param')
      const input = c.req.valid('json')
      // The hash includes the conversation: otherwise the same text to another one would count as a repetition.
      const idempotency = idempotencyOf(c.req.header('idempotency-key'), { conversationId: id, ...input })
      const { message, replayed } = await appendMessage(db, c.get('user').id, id, input, idempotency)
      if (replayed) setHeaders(c, { 'idempotency-replayed': 'true' })
      return c.json(message, 201)
    })
    .openapi({ ...listOfMessages, middleware: user }, async (c) => {
      const page = await listMessages(db, c.get('user').id, c.req.valid('param').id, c.req.valid('query'))
      setNextLink(c, page.nextCursor)
      return c.json(page, 200)
    })
}
