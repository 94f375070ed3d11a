import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idempotencyKeys } from '../../../../src/kit/db/schema/idempotency-keys.ts'
import { appendMessage } from '../../../../src/app/travel/append-message.ts'
import { createConversation } from '../../../../src/app/travel/create-conversation.ts'
import { createItinerary } from '../../../../src/app/travel/create-itinerary.ts'
import { deleteConversation } from '../../../../src/app/travel/delete-conversation.ts'
import { deleteItinerary } from '../../../../src/app/travel/delete-itinerary.ts'
import { listConversations } from '../../../../src/app/travel/list-conversations.ts'
import { listMessages } from '../../../../src/app/travel/list-messages.ts'
import { createItineraryInput } from '../../../../src/app/travel/itinerary.ts'
import { sweepIdempotencyKeys } from '../../../../src/kit/db/sweep-idempotency-keys.ts'
import { openTravel, type Travel } from './open-travel.ts'

let travel: Travel
beforeAll(async () => {
  travel = await openTravel()
})
afterAll(() => travel.close())

const once = { key: 'a key with spaces, "quotes" and 🗝', requestHash: 'hash-1' }
const line = { role: 'user', content: '  \'; DROP TABLE messages; -- 100% \\ "😀"\r\n\ttail ' } as const
const talk = { title: 'Where to? 🧳', itineraryId: null }

async function begin(userId: string): Promise<string> {
  return (await createConversation(travel.db, userId, talk)).conversation.id
}

async function positions(userId: string, id: string): Promise<number[]> {
  const { items } = await listMessages(travel.db, userId, id, { limit: 100 })
  return items.map(({ position }) => position)
}

async function countTalks(userId: string): Promise<number> {
  return (await listConversations(travel.db, userId, { limit: 100 })).items.length
}

describe('append message with an idempotency key', () => {
  it('appends one for ten requests at the same time, answers all with it, and leaves no gap behind', async () => {
    const userId = await travel.addUser()
    const id = await begin(userId)

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => appendMessage(travel.db, userId, id, line, once)),
    )
    const next = await appendMessage(travel.db, userId, id, line)

    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    for (const { message } of answers) expect(message).toEqual(answers[0]?.message)
    expect(next).toMatchObject({ message: { position: 2 }, replayed: false })
    expect(await positions(userId, id)).toEqual([1, 2])
  })

  it('gives the first answer again when the conversation is gone', async () => {
    const userId = await travel.addUser()
    const id = await begin(userId)
    const { message } = await appendMessage(travel.db, userId, id, line, once)
    await deleteConversation(travel.db, userId, id)

    expect(await appendMessage(travel.db, userId, id, line, once)).toEqual({ message, replayed: true })
  })

  it('refuses the same key with another request', async () => {
    const userId = await travel.addUser()
    const id = await begin(userId)
    await appendMessage(travel.db, userId, id, line, once)

    const other = appendMessage(travel.db, userId, id, line, { ...once, requestHash: 'hash-2' })

    await expect(other).rejects.toMatchObject({ kind: 'unprocessable' })
    expect(await positions(userId, id)).toEqual([1])
  })

  it('leaves no key behind when there is no such conversation, so that the client can try again', async () => {
    const [owner, stranger] = [await travel.addUser(), await travel.addUser()]
    const [theirs, mine] = [await begin(owner), await begin(stranger)]

    const refused = appendMessage(travel.db, stranger, theirs, line, once)

    await expect(refused).rejects.toMatchObject({ kind: 'not_found' })
    expect((await appendMessage(travel.db, stranger, mine, line, once)).replayed).toBe(false)
    expect(await positions(owner, theirs)).toEqual([])
  })
})

describe('create conversation with an idempotency key', () => {
  it('begins one for ten requests at the same time, and answers all with it', async () => {
    const userId = await travel.addUser()

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => createConversation(travel.db, userId, talk, once)),
    )

    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    for (const { conversation } of answers) expect(conversation).toEqual(answers[0]?.conversation)
    expect(await countTalks(userId)).toBe(1)
  })

  it('gives the first answer again when its itinerary is gone', async () => {
    const userId = await travel.addUser()
    const trip = createItineraryInput.parse({ title: 'Rome', destination: 'Italy' })
    const { itinerary } = await createItinerary(travel.db, userId, trip)
    const input = { ...talk, itineraryId: itinerary.id }
    const { conversation } = await createConversation(travel.db, userId, input, once)
    await deleteItinerary(travel.db, userId, itinerary.id)

    const again = await createConversation(travel.db, userId, input, once)

    expect(again).toEqual({ conversation, replayed: true })
  })

  it('leaves no key behind when its itinerary belongs to somebody else', async () => {
    const [owner, stranger] = [await travel.addUser(), await travel.addUser()]
    const trip = createItineraryInput.parse({ title: 'Rome', destination: 'Italy' })
    const { itinerary } = await createItinerary(travel.db, owner, trip)

    const refused = createConversation(travel.db, stranger, { ...talk, itineraryId: itinerary.id }, once)

    await expect(refused).rejects.toMatchObject({ kind: 'not_found' })
    expect((await createConversation(travel.db, stranger, talk, once)).replayed).toBe(false)
    expect(await countTalks(stranger)).toBe(1)
  })

  it('is refused a key that an itinerary was made with', async () => {
    const userId = await travel.addUser()
    const trip = createItineraryInput.parse({ title: 'Rome', destination: 'Italy' })
    await createItinerary(travel.db, userId, trip, once)

    const other = createConversation(travel.db, userId, talk, { ...once, requestHash: 'hash-2' })

    await expect(other).rejects.toMatchObject({ kind: 'unprocessable' })
  })

  it('finds its key free again a day later', async () => {
    const userId = await travel.addUser()
    const id = await begin(userId)
    await createConversation(travel.db, userId, talk, once)
    await appendMessage(travel.db, userId, id, line, { ...once, key: 'said' })
    const longAgo = sql`now() - interval '24 hours 1 second'`
    await travel.db
      .update(idempotencyKeys)
      .set({ createdAt: longAgo })
      .where(eq(idempotencyKeys.userId, userId))

    expect(await sweepIdempotencyKeys(travel.db)).toBe(2)

    const talked = await createConversation(travel.db, userId, talk, once)
    const said = await appendMessage(travel.db, userId, id, line, { ...once, key: 'said' })
    expect([talked.replayed, said.replayed]).toEqual([false, false])
  })
})
