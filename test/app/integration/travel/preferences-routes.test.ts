import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openApp, type App } from '../../support/open-app.ts'

let app: App

beforeAll(async () => {
  app = await openApp()
})

afterAll(() => app.close())

describe('preferences', () => {
  test('are the defaults, as version 0, until some are saved', async () => {
    const { client } = await app.signUp()

    const response = await client.api.preferences.$get()

    expect(response.status).toBe(200)
    expect(response.headers.get('etag')).toBe('"0"')
    expect(await response.json()).toMatchObject({
      currency: 'EUR',
      units: 'metric',
      version: 0,
      updatedAt: null,
    })
  })

  test('are replaced as a whole', async () => {
    const { client } = await app.signUp()

    await client.api.preferences.$put({ json: { currency: 'JPY', homeCity: 'Kyōto 🍁' } })
    const response = await client.api.preferences.$put({ json: { pace: 'relaxed' } })
    const body = await response.json()

    expect(response.headers.get('etag')).toBe('"2"')
    expect(body).toMatchObject({ currency: 'EUR', pace: 'relaxed', version: 2 })
    expect(body).not.toHaveProperty('homeCity')
  })

  test('are not overwritten by who names another version', async () => {
    const { client } = await app.signUp()
    const put = (ifMatch: string) =>
      client.api.preferences.$put({ json: { pace: 'packed' } }, { headers: { 'if-match': ifMatch } })

    const answers = [await put('"0"'), await put('"0"'), await put('"1"'), await put('nonsense')]

    expect(answers.map((answer) => answer.status)).toEqual([200, 412, 200, 400])
  })

  test('give 304 to who has them already', async () => {
    const { client } = await app.signUp()

    const response = await client.api.preferences.$get({}, { headers: { 'if-none-match': '"0"' } })

    expect(response.status).toBe(304)
  })
})

describe('me', () => {
  test('shows the signed-in user and nothing that belongs to the session', async () => {
    const { client, id, email } = await app.signUp({ name: '<script>alert(1)</script>' })

    const response = await client.api.me.$get()
    const body = await response.json()

    expect(response.status).toBe(200)
    expect(body).toEqual({
      id,
      email,
      name: '<script>alert(1)</script>',
      emailVerified: false,
      image: null,
      createdAt: expect.any(String) as string,
    })
  })
})
