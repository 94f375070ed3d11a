import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { appendMessage } from '../../../../src/app/travel/append-message.ts'
import { createConversation } from '../../../../src/app/travel/create-conversation.ts'
import { createItinerary } from '../../../../src/app/travel/create-itinerary.ts'
import { deleteConversation } from '../../../../src/app/travel/delete-conversation.ts'
import { deleteItinerary } from '../../../../src/app/travel/delete-itinerary.ts'
import { getConversation } from '../../../../src/app/travel/get-conversation.ts'
import { listConversations } from '../../../../src/app/travel/list-conversations.ts'
import { listMessages } from '../../../../src/app/travel/list-messages.ts'
import { conversationSchema, createConversationInput } from '../../../../src/app/travel/conversation.ts'
import { createItineraryInput } from '../../../../src/app/travel/itinerary.ts'
import { messageSchema } from '../../../../src/app/travel/message.ts'
import { openTravel, type Travel } from './open-travel.ts'

const unknownId = '019aa000-0000-7000-8000-000000000000'
let travel: Travel
beforeAll(async () => {
  travel = await openTravel()
})
afterAll(() => travel.close())

async function begin(userId: string, title = 'Where to?') {
  const input = createConversationInput.parse({ title })
  return (await createConversation(travel.db, userId, input)).conversation
}

async function say(userId: string, id: string, content: string) {
  return (await appendMessage(travel.db, userId, id, { role: 'user', content })).message
}

async function createTrip(userId: string): Promise<string> {
  const input = createItineraryInput.parse({ title: 'Rome', destination: 'Italy' })
  return (await createItinerary(travel.db, userId, input)).itinerary.id
}

describe('create conversation', () => {
  it('reads back as it was created', async () => {
    const userId = await travel.addUser()
    const itineraryId = await createTrip(userId)

    const input = { title: 'About Rome', itineraryId }
    const { conversation: created } = await createConversation(travel.db, userId, input)

    expect(created).toMatchObject({ title: 'About Rome', itineraryId, messageCount: 0 })
    expect(conversationSchema.parse(created)).toEqual(created)
    expect(await getConversation(travel.db, userId, created.id)).toEqual(created)
  })

  it.each(['of somebody else', 'that does not exist'])('refuses an itinerary %s', async (which) => {
    const userId = await travel.addUser()
    const itineraryId = which === 'of somebody else' ? await createTrip(await travel.addUser()) : unknownId

    const attempt = createConversation(travel.db, userId, { title: 'x', itineraryId })

    await expect(attempt).rejects.toMatchObject({ kind: 'not_found' })
    expect((await listConversations(travel.db, userId, { limit: 5 })).items).toEqual([])
  })

  it('stays, without its itinerary, when that is deleted', async () => {
    const userId = await travel.addUser()
    const itineraryId = await createTrip(userId)
    const { conversation } = await createConversation(travel.db, userId, { title: 'x', itineraryId })

    await deleteItinerary(travel.db, userId, itineraryId)

    expect((await getConversation(travel.db, userId, conversation.id)).itineraryId).toBeNull()
  })
})

describe('list conversations', () => {
  it('walks every one once from the newest to the oldest', async () => {
    const userId = await travel.addUser()
    for (const title of ['a', 'b', 'c']) await begin(userId, title)

    const first = await listConversations(travel.db, userId, { limit: 2 })
    const second = await listConversations(travel.db, userId, { limit: 2, cursor: first.nextCursor ?? '' })

    expect([first, second].map(({ items }) => items.map(({ title }) => title))).toEqual([['c', 'b'], ['a']])
    expect(second.nextCursor).toBeNull()
  })
})

describe('append message', () => {
  it('gives parallel messages a position each, without a gap', async () => {
    const userId = await travel.addUser()
    const { id } = await begin(userId)

    const said = await Promise.all(Array.from({ length: 12 }, (_, index) => say(userId, id, `line ${index}`)))

    const positions = said.map(({ position }) => position).sort((a, b) => a - b)
    expect(positions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect((await getConversation(travel.db, userId, id)).messageCount).toBe(12)
  })

  it('keeps the content to the letter', async () => {
    const userId = await travel.addUser()
    const { id } = await begin(userId)
    const content = '  \'; DROP TABLE messages; -- 100% \\ "😀"\r\n\ttail '

    const { message } = await appendMessage(travel.db, userId, id, { role: 'assistant', content })

    expect(messageSchema.parse(message)).toEqual(message)
    expect(message).toMatchObject({ conversationId: id, position: 1, role: 'assistant', content })
    expect((await listMessages(travel.db, userId, id, { limit: 1 })).items).toEqual([message])
  })

  it.each([unknownId, 'not-a-uuid'])('refuses the conversation %s as not found', async (id) => {
    await expect(say(await travel.addUser(), id, 'x')).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('list messages', () => {
  it('walks them in the order of appending', async () => {
    const userId = await travel.addUser()
    const { id } = await begin(userId)
    for (const content of ['1', '2', '3', '4', '5']) await say(userId, id, content)

    const first = await listMessages(travel.db, userId, id, { limit: 3 })
    const second = await listMessages(travel.db, userId, id, { limit: 3, cursor: first.nextCursor ?? '' })

    expect([first, second].map(({ items }) => items.map(({ content }) => content))).toEqual([
      ['1', '2', '3'],
      ['4', '5'],
    ])
    expect(second.nextCursor).toBeNull()
  })

  it('is an empty page for a conversation without messages', async () => {
    const userId = await travel.addUser()
    const { id } = await begin(userId)

    expect(await listMessages(travel.db, userId, id, { limit: 5 })).toEqual({ items: [], nextCursor: null })
  })

  it('refuses a cursor that another list gave out', async () => {
    const userId = await travel.addUser()
    const { id } = await begin(userId, 'first')
    await begin(userId, 'second')
    const { nextCursor } = await listConversations(travel.db, userId, { limit: 1 })

    const attempt = listMessages(travel.db, userId, id, { limit: 5, cursor: nextCursor ?? '' })

    await expect(attempt).rejects.toMatchObject({ kind: 'invalid_request' })
  })
})

describe('delete conversation', () => {
  it('removes it with its messages, once', async () => {
    const userId = await travel.addUser()
    const { id } = await begin(userId)
    await say(userId, id, 'x')

    await deleteConversation(travel.db, userId, id)

    await expect(listMessages(travel.db, userId, id, { limit: 1 })).rejects.toMatchObject({
      kind: 'not_found',
    })
    await expect(deleteConversation(travel.db, userId, id)).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('a conversation of somebody else', () => {
  const attempts: Record<string, (stranger: string, id: string) => Promise<unknown>> = {
    get: (stranger, id) => getConversation(travel.db, stranger, id),
    append: (stranger, id) => say(stranger, id, 'mine now'),
    'list messages': (stranger, id) => listMessages(travel.db, stranger, id, { limit: 5 }),
    delete: (stranger, id) => deleteConversation(travel.db, stranger, id),
  }

  it.each(Object.entries(attempts))('is not found by %s and stays as it was', async (_verb, attempt) => {
    const owner = await travel.addUser()
    const { id } = await begin(owner)
    await say(owner, id, 'private')
    const before = await getConversation(travel.db, owner, id)

    await expect(attempt(await travel.addUser(), id)).rejects.toMatchObject({ kind: 'not_found' })
    expect(await getConversation(travel.db, owner, id)).toEqual(before)
  })

  it('appears in no list but its owner’s', async () => {
    await begin(await travel.addUser())

    const page = await listConversations(travel.db, await travel.addUser(), { limit: 5 })

    expect(page.items).toEqual([])
  })
})
