import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuth } from '../../../../src/kit/auth/create-auth.ts'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { conversations, itineraries, messages, preferences } from '../../../../src/app/travel/schema.ts'
import { getItinerary } from '../../../../src/app/travel/get-itinerary.ts'
import { listItineraries } from '../../../../src/app/travel/list-itineraries.ts'
import { listMessages } from '../../../../src/app/travel/list-messages.ts'
import { conversationSchema } from '../../../../src/app/travel/conversation.ts'
import { itinerarySchema } from '../../../../src/app/travel/itinerary.ts'
import { demoPlan } from '../../../../src/app/travel/seed-plan.ts'
import { createTestDatabase, type TestDatabase } from '../../../kit/support/test-database.ts'
import { poolSettings } from '../../../kit/support/pool-settings.ts'

const program = fileURLToPath(new URL('../../../../src/kit/bin/seed.ts', import.meta.url))
let database: TestDatabase
let handle: DatabaseHandle

beforeAll(async () => {
  database = await createTestDatabase({ application: 'mounted' })
  handle = openDatabase({ ...poolSettings, url: database.urlFor('app') })
})
afterAll(async () => {
  await handle.close()
  await database.close()
})

async function seed(more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.urlFor('app'), ...more }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
  return stdout
}

async function signIn(email: string, password: string): Promise<string> {
  const secret = 'a secret of more than thirty-two characters'
  const settings = {
    db: handle.db,
    secret,
    baseUrl: 'http://localhost',
    rateLimits: false,
    onError: () => undefined,
  }
  const { user } = await createAuth(settings).api.signInEmail({ body: { email, password } })
  return user.id
}

function counts() {
  return Promise.all(
    [preferences, itineraries, conversations, messages].map((table) => handle.db.$count(table)),
  )
}

function passwordIn(output: string) {
  return /^demo@slipway\.example {2}password: (.+)$/m.exec(output)?.[1] ?? ''
}

describe('seed', { timeout: 60_000 }, () => {
  it('makes users who can sign in with what was printed, and a second run adds nothing', async () => {
    const first = await seed()
    const before = await counts()

    const second = await seed()

    expect(before).toEqual([2, 4, 2, 6])
    expect(await counts()).toEqual(before)
    expect(passwordIn(second)).toBe('(as before)')
    await expect(signIn('demo@slipway.example', passwordIn(first))).resolves.toEqual(expect.any(String))
  })

  it('sets the password that it is given, also for users who are there already', async () => {
    await seed({ SEED_PASSWORD: 'first password' })
    await seed({ SEED_PASSWORD: 'second password' })

    await expect(signIn('demo@slipway.example', 'second password')).resolves.toEqual(expect.any(String))
    await expect(signIn('demo@slipway.example', 'first password')).rejects.toThrow()
  })

  it('writes rows that the verbs read like any other', async () => {
    await seed({ SEED_PASSWORD: 'a password' })
    const userId = await signIn('demo@slipway.example', 'a password')

    const { items } = await listItineraries(handle.db, userId, { limit: 10 })
    const [conversation] = demoPlan.conversations
    const said = await listMessages(handle.db, userId, conversation?.id ?? '', { limit: 10 })

    for (const item of items)
      expect(itinerarySchema.parse(await getItinerary(handle.db, userId, item.id))).toEqual(item)
    expect(items).toHaveLength(2)
    expect(said.items.map(({ content }) => content)).toEqual(
      conversation?.messages.map(({ content }) => content),
    )
    expect(conversationSchema.shape.id.safeParse(said.items[0]?.id).success).toBe(true)
  })

  it('ends with 2 and every fault when it is not configured, with 1 when the database is away', async () => {
    const unconfigured = seed({ DATABASE_URL: '' })
    await expect(unconfigured).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DATABASE_URL') as string,
    })

    const away = seed({ DATABASE_URL: 'postgres://app:secret@127.0.0.1:1/none' })
    const failure: unknown = await away.catch((err: unknown) => err)
    expect(failure).toMatchObject({ code: 1 })
    expect((failure as { stderr: string }).stderr).not.toContain('secret')
  })
})
