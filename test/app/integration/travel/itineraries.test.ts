import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { itineraries } from '../../../../src/app/travel/schema.ts'
import { archiveItinerary } from '../../../../src/app/travel/archive-itinerary.ts'
import { createItinerary } from '../../../../src/app/travel/create-itinerary.ts'
import { deleteItinerary } from '../../../../src/app/travel/delete-itinerary.ts'
import { getItinerary } from '../../../../src/app/travel/get-itinerary.ts'
import { listItineraries } from '../../../../src/app/travel/list-itineraries.ts'
import {
  createItineraryInput,
  itineraryPatch,
  itinerarySchema,
  type Itinerary,
} from '../../../../src/app/travel/itinerary.ts'
import { updateItinerary } from '../../../../src/app/travel/update-itinerary.ts'
import { openTravel, type Travel } from './open-travel.ts'

const unknownId = '019aa000-0000-7000-8000-000000000000'
let travel: Travel

beforeAll(async () => {
  travel = await openTravel()
})
afterAll(() => travel.close())

function input(title = 'Lisbon') {
  return createItineraryInput.parse({ title, destination: 'Portugal' })
}

async function create(userId: string, title?: string): Promise<Itinerary> {
  const { itinerary } = await createItinerary(travel.db, userId, input(title))
  return itinerary
}

async function titlesOf(userId: string, limit: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await listItineraries(travel.db, userId, { limit, cursor })
    pages.push(page.items.map((item) => item.title))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return pages
}

describe('create itinerary', () => {
  it('stores every field to the letter and reads it back', async () => {
    const userId = await travel.addUser()
    const full = createItineraryInput.parse({
      title: '🏝 "Quotes" & 100% %s \\ \'; DROP TABLE itineraries; --',
      destination: 'São Tomé',
      startsOn: '2027-02-28',
      endsOn: '2027-03-01',
      status: 'planned',
      notes: '  two\nlines\t ',
      days: [
        {
          date: '2027-02-28',
          activities: [{ title: 'Dive', startsAt: '09:30', cost: { amountMinor: 4500, currency: 'EUR' } }],
        },
      ],
    })

    const { itinerary, replayed } = await createItinerary(travel.db, userId, full)

    expect(replayed).toBe(false)
    expect(itinerary).toMatchObject({ ...full, version: 1, archivedAt: null })
    expect(await getItinerary(travel.db, userId, itinerary.id)).toEqual(itinerary)
    expect(itinerarySchema.parse(itinerary)).toEqual(itinerary)
  })

  it('accepts the longest texts in code points that take two UTF-16 units each', async () => {
    const userId = await travel.addUser()
    const title = '😀'.repeat(100)

    const { itinerary } = await createItinerary(travel.db, userId, input(title))

    expect(itinerary.title).toBe(title)
  })
})

describe('get itinerary', () => {
  it.each([unknownId, 'not-a-uuid', ''])('refuses the id %j as not found', async (id) => {
    const userId = await travel.addUser()

    await expect(getItinerary(travel.db, userId, id)).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('list itineraries', () => {
  it('walks every row once from the newest to the oldest, also when many share one instant', async () => {
    const userId = await travel.addUser()
    const names = Array.from({ length: 7 }, (_, index) => `trip ${index}`)
    const rows = names.map((title) => ({ id: uuidv7(), userId, title, destination: 'x' }))
    await travel.db.insert(itineraries).values(rows)

    const pages = await titlesOf(userId, 3)

    expect(pages).toEqual([['trip 6', 'trip 5', 'trip 4'], ['trip 3', 'trip 2', 'trip 1'], ['trip 0']])
  })

  it('keeps that order when PostgreSQL cannot read it off the index', async () => {
    const userId = await travel.addUser()
    const rows = ['c', 'a', 'd', 'b'].map((title) => ({
      id: `019aa000-0000-7000-8000-${title.repeat(12)}`,
      userId,
      title,
      destination: 'x',
    }))
    await travel.db.insert(itineraries).values(rows)
    const sorting = travel.openAgain('?enable_indexscan=off&enable_bitmapscan=off')

    const { items } = await listItineraries(sorting.db, userId, { limit: 4 })

    expect(items.map(({ title }) => title)).toEqual(['d', 'c', 'b', 'a'])
    await sorting.close()
  })

  it('says that there is no further page when the last one is exactly full', async () => {
    const userId = await travel.addUser()
    await create(userId, 'first')
    await create(userId, 'second')

    expect(await titlesOf(userId, 2)).toEqual([['second', 'first']])
  })

  it('keeps its place when rows are added and removed between two pages', async () => {
    const userId = await travel.addUser()
    for (const name of ['a', 'b', 'c', 'd']) await create(userId, name)
    const first = await listItineraries(travel.db, userId, { limit: 2 })
    await create(userId, 'late')
    await deleteItinerary(travel.db, userId, first.items[1]?.id ?? '')

    const second = await listItineraries(travel.db, userId, { limit: 2, cursor: first.nextCursor ?? '' })

    expect(second.items.map((item) => item.title)).toEqual(['b', 'a'])
  })

  it('uses the keyset index, backwards, without a sort', async () => {
    const plan = await travel.db.execute<Record<'QUERY PLAN', string>>(
      `EXPLAIN SELECT * FROM itineraries WHERE user_id = 'u' AND (created_at, id) < (now(), '${unknownId}')
       ORDER BY created_at DESC, id DESC LIMIT 20`,
    )

    const text = plan.map((line) => line['QUERY PLAN']).join('\n')
    expect(text).toContain('Index Scan Backward using itineraries_user_id_created_at_id_idx')
    expect(text).not.toContain('Sort')
  })
})

describe('update itinerary', () => {
  it('changes what the patch names, counts the version up and leaves the rest', async () => {
    const userId = await travel.addUser()
    const before = await create(userId)

    const after = await updateItinerary(travel.db, userId, before.id, { title: 'Porto', notes: 'new' }, 1)

    expect(after).toEqual({ ...before, title: 'Porto', notes: 'new', version: 2, updatedAt: after.updatedAt })
  })

  it('lets one of two writers with the same version win and refuses the other', async () => {
    const userId = await travel.addUser()
    const { id } = await create(userId)

    const outcomes = await Promise.allSettled(
      ['left', 'right'].map((title) => updateItinerary(travel.db, userId, id, { title }, 1)),
    )

    const [failed, ...others] = outcomes.filter((each) => each.status === 'rejected')
    expect(others).toEqual([])
    expect(failed?.reason).toMatchObject({ kind: 'precondition_failed' })
    expect((await getItinerary(travel.db, userId, id)).version).toBe(2)
  })

  it('refuses one date alone that would turn the range round', async () => {
    const userId = await travel.addUser()
    const dates = { startsOn: '2027-05-01', endsOn: '2027-05-03' }
    const { itinerary } = await createItinerary(travel.db, userId, { ...input(), ...dates })

    const update = updateItinerary(travel.db, userId, itinerary.id, { endsOn: '2027-04-30' }, 1)

    await expect(update).rejects.toMatchObject({ kind: 'unprocessable' })
    expect(await getItinerary(travel.db, userId, itinerary.id)).toEqual(itinerary)
  })

  it('clears what the patch sets to null', async () => {
    const userId = await travel.addUser()
    const { itinerary } = await createItinerary(travel.db, userId, { ...input(), startsOn: '2027-05-01' })

    const cleared = await updateItinerary(
      travel.db,
      userId,
      itinerary.id,
      itineraryPatch.parse({ startsOn: null }),
      1,
    )

    expect(cleared.startsOn).toBeNull()
  })
})

describe('archive itinerary', () => {
  it('moves it from one list to the other, and a second time changes nothing', async () => {
    const userId = await travel.addUser()
    const { id } = await create(userId)

    const archived = await archiveItinerary(travel.db, userId, id)
    const again = await archiveItinerary(travel.db, userId, id)

    expect(archived).toMatchObject({ version: 2, archivedAt: expect.any(String) as string })
    expect(again).toEqual(archived)
    expect((await listItineraries(travel.db, userId, { limit: 5 })).items).toEqual([])
    expect((await listItineraries(travel.db, userId, { limit: 5, archived: true })).items).toEqual([archived])
  })
})

describe('delete itinerary', () => {
  it('removes it once and finds nothing the second time', async () => {
    const userId = await travel.addUser()
    const { id } = await create(userId)

    await deleteItinerary(travel.db, userId, id)

    await expect(deleteItinerary(travel.db, userId, id)).rejects.toMatchObject({ kind: 'not_found' })
    await expect(getItinerary(travel.db, userId, id)).rejects.toMatchObject({ kind: 'not_found' })
  })
})

describe('an itinerary of somebody else', () => {
  const attempts: Record<string, (stranger: string, id: string) => Promise<unknown>> = {
    get: (stranger, id) => getItinerary(travel.db, stranger, id),
    update: (stranger, id) => updateItinerary(travel.db, stranger, id, { title: 'mine' }, 1),
    archive: (stranger, id) => archiveItinerary(travel.db, stranger, id),
    delete: (stranger, id) => deleteItinerary(travel.db, stranger, id),
  }

  it.each(Object.entries(attempts))('is not found by %s and stays as it was', async (_verb, attempt) => {
    const owner = await travel.addUser()
    const mine = await create(owner)

    await expect(attempt(await travel.addUser(), mine.id)).rejects.toMatchObject({ kind: 'not_found' })
    expect(await getItinerary(travel.db, owner, mine.id)).toEqual(mine)
  })

  it('appears in no list but its owner’s, whatever cursor a stranger brings', async () => {
    const owner = await travel.addUser()
    for (const name of ['a', 'b', 'c']) await create(owner, name)
    const { nextCursor } = await listItineraries(travel.db, owner, { limit: 1 })
    const stranger = await travel.addUser()

    const page = await listItineraries(travel.db, stranger, { limit: 10, cursor: nextCursor ?? '' })

    expect(page).toEqual({ items: [], nextCursor: null })
  })
})
