import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { signUp } from '../../../kit/drill/sign-up.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../../kit/support/database-proxy.ts'
import { serverEnv, spawnServer, type SpawnedServer } from '../../../kit/support/spawn-server.ts'
import { createTestDatabase, type TestDatabase } from '../../../kit/support/test-database.ts'
import { until } from '../../../kit/support/until.ts'

const trip = { title: 'Kraków & "back" 100% 🍁', destination: 'Poland' }
const talk = { title: "It's 100% 'quoted' 🧳" }
const line = { role: 'user', content: "'; DROP TABLE messages; -- 🧳" }

let database: TestDatabase
let proxy: DatabaseProxy
let admin: postgres.Sql
let server: SpawnedServer
let cookie: string

/** The API behind the proxy; the test looks at the rows past it. */
function start(): Promise<SpawnedServer> {
  return spawnServer(serverEnv(proxy.through(database.urlFor('app'))))
}

beforeAll(async () => {
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
})
beforeEach(async () => {
  database = await createTestDatabase({ application: 'mounted' })
  admin = postgres(database.urlFor('postgres'), { max: 1 })
  server = await start()
  cookie = await signUp(server.url)
})
afterEach(async () => {
  await server.close()
  await admin.end({ timeout: 5 })
  await database.close()
})
afterAll(() => proxy.close())

function post(path: string, body: object, key: string): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  })
}

function rows(table: string) {
  return admin<{ id: string }[]>`select id from ${admin(table)}`
}

/** Sends it, and kills the API when the server has committed and nobody, neither API nor client, was told so. */
async function killAfterCommit(path: string, body: object, table: string): Promise<string> {
  proxy.loseAnswer('COMMIT')
  const outcome = post(path, body, 'once').then(
    (answer) => `answered ${answer.status}`,
    () => 'no answer',
  )
  const id = await until('another session sees the row', async () => (await rows(table))[0]?.id, {
    explain: () => server.stdout(),
  })

  server.kill('SIGKILL')

  expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' })
  expect(await outcome).toBe('no answer')
  return id
}

function nothingToDo() {
  return Promise.resolve('')
}
async function beginTalk() {
  const answer = await post('/api/conversations', talk, 'talk')
  return ((await answer.json()) as { id: string }).id
}

describe('a key whose creation was committed just before the API was killed', () => {
  it.each([
    ['itinerary', 'itineraries', nothingToDo, () => '/api/itineraries', trip, 'title'],
    ['conversation', 'conversations', nothingToDo, () => '/api/conversations', talk, 'title'],
    ['message', 'messages', beginTalk, (id: string) => `/api/conversations/${id}/messages`, line, 'content'],
  ] as const)(
    'gets the %s that was made, and makes no second',
    async (_, table, prepare, at, body, field) => {
      const path = at(await prepare())
      const id = await killAfterCommit(path, body, table)
      server = await start()

      const again = await post(path, body, 'once')
      const other = await post(path, { ...body, [field]: 'something else' }, 'once')

      expect(again.status).toBe(201)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect(await again.json()).toMatchObject({ ...body, id })
      expect(other.status).toBe(422)
      expect(await rows(table)).toEqual([{ id }])
    },
  )
})
