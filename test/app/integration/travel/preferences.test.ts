import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getPreferences } from '../../../../src/app/travel/get-preferences.ts'
import { preferencesInput, preferencesSchema } from '../../../../src/app/travel/preferences.ts'
import { putPreferences } from '../../../../src/app/travel/put-preferences.ts'
import { openTravel, type Travel } from './open-travel.ts'

let travel: Travel
beforeAll(async () => {
  travel = await openTravel()
})
afterAll(() => travel.close())

const slow = preferencesInput.parse({ pace: 'relaxed', homeCity: 'Malmö 🇸🇪', interests: ['100% "food"'] })
const fast = preferencesInput.parse({ pace: 'packed' })

describe('get preferences', () => {
  it('gives the defaults as version 0 while nothing was saved', async () => {
    expect(await getPreferences(travel.db, await travel.addUser())).toEqual({
      currency: 'EUR',
      units: 'metric',
      pace: 'balanced',
      interests: [],
      dietary: [],
      accessibility: [],
      version: 0,
      updatedAt: null,
    })
  })
})

describe('put preferences', () => {
  it('replaces the whole document and counts the version up', async () => {
    const userId = await travel.addUser()

    const first = await putPreferences(travel.db, userId, slow)
    const second = await putPreferences(travel.db, userId, fast)

    expect(first).toMatchObject({ ...slow, version: 1 })
    expect(second).toEqual({ ...fast, version: 2, updatedAt: second.updatedAt })
    expect(preferencesSchema.parse(second)).toEqual(second)
    expect(await getPreferences(travel.db, userId)).toEqual(second)
  })

  it('writes over the version that was expected', async () => {
    const userId = await travel.addUser()
    await putPreferences(travel.db, userId, slow, 0)

    expect(await putPreferences(travel.db, userId, fast, 1)).toMatchObject({ pace: 'packed', version: 2 })
  })

  it.each([
    ['nothing was ever saved, but something was', 1, 0],
    ['an older version', 2, 1],
    ['a version that is yet to come', 1, 7],
    ['a version although nothing was ever saved', 0, 1],
  ])('refuses to write when the client expects %s', async (_case, saves, expected) => {
    const userId = await travel.addUser()
    for (let save = 0; save < saves; save += 1) await putPreferences(travel.db, userId, slow)
    const before = await getPreferences(travel.db, userId)

    const attempt = putPreferences(travel.db, userId, fast, expected)

    await expect(attempt).rejects.toMatchObject({ kind: 'precondition_failed' })
    expect(await getPreferences(travel.db, userId)).toEqual(before)
  })

  it('lets one of two first writers win when both expect that there is nothing', async () => {
    const userId = await travel.addUser()

    const outcomes = await Promise.allSettled(
      [slow, fast].map((input) => putPreferences(travel.db, userId, input, 0)),
    )

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('touches nobody else’s', async () => {
    const [one, two] = [await travel.addUser(), await travel.addUser()]
    const mine = await putPreferences(travel.db, one, slow)

    await putPreferences(travel.db, two, fast)

    expect(await getPreferences(travel.db, one)).toEqual(mine)
  })
})
