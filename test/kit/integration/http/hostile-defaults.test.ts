import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setHostileDefaults } from '../../support/hostile-defaults.ts'
import { openTestApp, type TestApp } from '../../support/test-app.ts'

describe('the API on a database with other defaults', () => {
  let app: TestApp

  beforeAll(async () => {
    app = await openTestApp()
    const superuser = postgres(app.database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
    await setHostileDefaults(superuser)
    await superuser.end()
  })
  afterAll(() => app.close())

  it('signs up, writes, and reads the same times, days and texts', async () => {
    const { client } = await app.signUp({ name: `Zoë \\ O'Hara` })
    const json = {
      title: `Kyōto \\' 50%`,
      destination: 'Kyōto',
      startsOn: '2027-02-03',
      endsOn: '2027-03-02',
    }
    const created = await client.api.itineraries.$post({ json })
    expect(created.status, app.logText()).toBe(201)
    const itinerary = (await created.json()) as { id: string; createdAt: string }

    const read = await client.api.itineraries[':id'].$get({ param: { id: itinerary.id } })

    expect(await read.json()).toMatchObject({ ...json, createdAt: itinerary.createdAt })
    expect(Math.abs(Date.parse(itinerary.createdAt) - Date.now())).toBeLessThan(60_000)
    expect((await client.api.me.$get()).status).toBe(200)
  })
})
