import { createRoute } from '@hono/zod-openapi'
import { conversationSchema, createConversationInput } from '../conversation.ts'
import { appendMessageInput, messageSchema } from '../message.ts'
import { pageSchema } from '#kit/page'
import { headerParameters } from '#kit/header-parameters'
import { idParam } from '#kit/id-param'
import { listQuery } from '#kit/list-query'
import { problemResponses } from '#kit/problem-responses'

function json<T>(schema: T) {
  return { 'application/json': { schema } }
}
const conversation = conversationSchema.meta({ id: 'Conversation' })
const message = messageSchema.meta({ id: 'Message' })
const tags = ['conversations']
const always = problemResponses('unauthenticated', 'unavailable')
const withBody = problemResponses(
  'invalid_request',
  'payload_too_large',
  'unsupported_media_type',
  'not_found',
  'unprocessable',
)

export const create = createRoute({
  method: 'post',
  path: '/',
  tags,
  summary:
    'Begins a conversation, about one of your itineraries if you name it; a repeated Idempotency-Key gets the first answer',
  parameters: [headerParameters.idempotencyKey],
  request: {
    body: { required: true, content: json(createConversationInput.meta({ id: 'NewConversation' })) },
  },
  responses: { 201: { description: 'Created', content: json(conversation) }, ...withBody, ...always },
})

export const list = createRoute({
  method: 'get',
  path: '/',
  tags,
  summary: 'Your conversations, newest first',
  request: { query: listQuery },
  responses: {
    200: { description: 'A page', content: json(pageSchema(conversation)) },
    ...problemResponses('invalid_request'),
    ...always,
  },
})

export const read = createRoute({
  method: 'get',
  path: '/{id}',
  tags,
  summary: 'One conversation without its messages',
  request: { params: idParam },
  responses: {
    200: { description: 'The conversation', content: json(conversation) },
    ...problemResponses('not_found'),
    ...always,
  },
})

export const remove = createRoute({
  method: 'delete',
  path: '/{id}',
  tags,
  summary: 'Deletes it with every message',
  request: { params: idParam },
  responses: { 204: { description: 'Deleted' }, ...problemResponses('not_found'), ...always },
})

export const append = createRoute({
  method: 'post',
  path: '/{id}/messages',
  tags,
  summary:
    'Appends a message; with Idempotency-Key a repeated request appends nothing and gets the first answer',
  parameters: [headerParameters.idempotencyKey],
  request: {
    params: idParam,
    body: { required: true, content: json(appendMessageInput.meta({ id: 'NewMessage' })) },
  },
  responses: { 201: { description: 'Appended', content: json(message) }, ...withBody, ...always },
})

export const listOfMessages = createRoute({
  method: 'get',
  path: '/{id}/messages',
  tags,
  summary: 'Its messages in the order in which they were appended',
  request: { params: idParam, query: listQuery },
  responses: {
    200: { description: 'A page', content: json(pageSchema(message)) },
    ...problemResponses('invalid_request', 'not_found'),
    ...always,
  },
})
