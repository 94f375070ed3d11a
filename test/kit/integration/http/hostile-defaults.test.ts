import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setHostileDefaults } from '../../support/hostile-defaults.ts'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'

describe('the API on a database with other defaults', () => {
  let app: FixtureApp

  beforeAll(async () => {
    app = await openFixtureApp()
    const superuser = postgres(app.database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
    await setHostileDefaults(superuser)
    await superuser.end()
  })
  afterAll(() => app.close())

  it('signs up, writes, and reads the same times, days and texts', async () => {
    const { client } = await app.signUp({ name: `Zoë \\ O'Hara` })
    const json = {
      label: `Kyōto \\' 50%`,
      place: 'Kyōto',
      dueOn: '2027-02-03',
    }
    const created = await client.api.parcels.$post({ json })
    expect(created.status, app.logText()).toBe(201)
    const parcel = (await created.json()) as { id: string; createdAt: string }

    const read = await client.api.parcels[':id'].$get({ param: { id: parcel.id } })

    expect(await read.json()).toMatchObject({ ...json, createdAt: parcel.createdAt })
    expect(Math.abs(Date.parse(parcel.createdAt) - Date.now())).toBeLessThan(60_000)
    expect((await client.api.me.$get()).status).toBe(200)
  })
})
