import { eq, sql } from 'drizzle-orm'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { completePastItineraries } from '../../../../src/app/travel/complete-past-itineraries.ts'
import { jobs } from '../../../../src/app/travel/jobs.ts'
import { itineraries } from '../../../../src/app/travel/schema.ts'
import { openTravel, type Travel } from './open-travel.ts'

let travel: Travel
beforeAll(async () => {
  travel = await openTravel()
})
afterAll(() => travel.close())

const { signal } = new AbortController()

/** `endedDaysAgo` of null: without an end date. */
function add(
  userId: string,
  title: string,
  endedDaysAgo: number | null,
  status: 'draft' | 'planned' = 'planned',
) {
  return travel.db.insert(itineraries).values({
    id: uuid(),
    userId,
    title,
    destination: 'Łódź',
    status,
    endsOn: endedDaysAgo === null ? null : sql`current_date - ${endedDaysAgo}::integer`,
  })
}

async function completedOf(userId: string): Promise<string[]> {
  const rows = await travel.db.select().from(itineraries).where(eq(itineraries.userId, userId))
  return rows
    .filter(({ status }) => status === 'completed')
    .map(({ title, version }) => `${title} v${version}`)
}

describe('past itineraries', () => {
  it('are completed when they were planned and ended more days ago than given', async () => {
    const [one, other] = [await travel.addUser(), await travel.addUser()]
    await add(one, 'long ago', 400)
    await add(one, 'three days ago', 3)
    await add(one, 'two days ago', 2)
    await add(one, 'a draft', 400, 'draft')
    await add(one, 'open end', null)
    await add(one, 'coming', -5)
    await add(other, 'of another user', 3)

    expect(await completePastItineraries(travel.db, 2, signal)).toBe(3)

    expect((await completedOf(one)).sort()).toEqual(['long ago v2', 'three days ago v2'])
    expect(await completedOf(other)).toEqual(['of another user v2'])
    expect(await completePastItineraries(travel.db, 2, signal)).toBe(0)
  })

  it('are all completed when they are more than one batch, by the job and its setting', async () => {
    const userId = await travel.addUser()
    await travel.db.execute(sql`insert into itineraries (id, user_id, title, destination, status, ends_on)
      select gen_random_uuid(), ${userId}, 'trip', 'Łódź', 'planned', current_date - 8 from generate_series(1, 2500)`)
    const [job] = jobs
    const run = (days: number) =>
      job?.run({ db: travel.db, settings: { APP_COMPLETE_AFTER_DAYS: days }, signal })

    expect(await run(8)).toEqual({ completed: 0 })
    expect(await run(7)).toEqual({ completed: 2_500 })
  })

  it('stay as they are once the run is aborted', async () => {
    const userId = await travel.addUser()
    await add(userId, 'long ago', 400)

    await expect(completePastItineraries(travel.db, 1, AbortSignal.abort())).rejects.toThrow('aborted')

    expect(await completedOf(userId)).toEqual([])
  })
})
