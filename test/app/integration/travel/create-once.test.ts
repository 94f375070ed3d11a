import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idempotencyKeys } from '../../../../src/kit/db/schema/idempotency-keys.ts'
import { createItinerary } from '../../../../src/app/travel/create-itinerary.ts'
import { deleteItinerary } from '../../../../src/app/travel/delete-itinerary.ts'
import { listItineraries } from '../../../../src/app/travel/list-itineraries.ts'
import { createItineraryInput } from '../../../../src/app/travel/itinerary.ts'
import { sweepIdempotencyKeys } from '../../../../src/kit/db/sweep-idempotency-keys.ts'
import { openTravel, type Travel } from './open-travel.ts'

let travel: Travel
beforeAll(async () => {
  travel = await openTravel()
})
afterAll(() => travel.close())

const input = createItineraryInput.parse({ title: 'Once', destination: 'Kraków' })
const once = { key: 'a key with spaces, "quotes" and 🗝', requestHash: 'hash-1' }

async function count(userId: string): Promise<number> {
  return (await listItineraries(travel.db, userId, { limit: 100 })).items.length
}

describe('create itinerary with an idempotency key', () => {
  it('gives the first answer again, word for word', async () => {
    const userId = await travel.addUser()

    const first = await createItinerary(travel.db, userId, input, once)
    const second = await createItinerary(travel.db, userId, input, once)

    expect(first.replayed).toBe(false)
    expect(second).toEqual({ itinerary: first.itinerary, replayed: true })
    expect(await count(userId)).toBe(1)
  })

  it('writes one row for ten requests at the same time, and answers all with it', async () => {
    const userId = await travel.addUser()

    const answers = await Promise.all(
      Array.from({ length: 10 }, () => createItinerary(travel.db, userId, input, once)),
    )

    expect(new Set(answers.map(({ itinerary }) => itinerary.id)).size).toBe(1)
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await count(userId)).toBe(1)
  })

  it('gives the first answer again even when what it created is gone', async () => {
    const userId = await travel.addUser()
    const { itinerary } = await createItinerary(travel.db, userId, input, once)
    await deleteItinerary(travel.db, userId, itinerary.id)

    const second = await createItinerary(travel.db, userId, input, once)

    expect(second).toEqual({ itinerary, replayed: true })
    expect(await count(userId)).toBe(0)
  })

  it('refuses the same key with another request', async () => {
    const userId = await travel.addUser()
    await createItinerary(travel.db, userId, input, once)

    const other = createItinerary(travel.db, userId, input, { ...once, requestHash: 'hash-2' })

    await expect(other).rejects.toMatchObject({ kind: 'unprocessable' })
    expect(await count(userId)).toBe(1)
  })

  it('keeps the keys of two users apart', async () => {
    const [one, two] = [await travel.addUser(), await travel.addUser()]

    const first = await createItinerary(travel.db, one, input, once)
    const second = await createItinerary(travel.db, two, input, { ...once, requestHash: 'hash-2' })

    expect(second.replayed).toBe(false)
    expect(second.itinerary.id).not.toBe(first.itinerary.id)
    expect(await createItinerary(travel.db, one, input, once)).toEqual({ ...first, replayed: true })
  })

  it('leaves no key behind when the creation fails, so that the client can try again', async () => {
    const userId = await travel.addUser()
    const broken = { ...input, title: '' }

    await expect(createItinerary(travel.db, userId, broken, once)).rejects.toThrow()
    const retried = await createItinerary(travel.db, userId, input, once)

    expect(retried.replayed).toBe(false)
  })
})

describe('sweep idempotency keys', () => {
  it('frees what is older than a day and nothing younger', async () => {
    const [old, young] = [await travel.addUser(), await travel.addUser()]
    for (const userId of [old, young]) await createItinerary(travel.db, userId, input, once)
    const longAgo = sql`now() - interval '24 hours 1 second'`
    await travel.db.update(idempotencyKeys).set({ createdAt: longAgo }).where(eq(idempotencyKeys.userId, old))

    expect(await sweepIdempotencyKeys(travel.db)).toBe(1)

    const again = async (userId: string) => (await createItinerary(travel.db, userId, input, once)).replayed
    expect([await again(old), await again(young)]).toEqual([false, true])
  })
})
