import postgres from 'postgres'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { signUp } from '../../drill/sign-up.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { serverEnv, spawnServer, type SpawnedServer } from '../../support/spawn-server.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { openRawConnection } from '../http/raw-connection.ts'

/** The ladder of production, a third as high: each rung still lies well above the one below. */
const rungMs = { lock: 700, statement: 1_700, query: 2_300, request: 3_000, receive: 5_000 }

let database: TestDatabase
let proxy: DatabaseProxy
let server: SpawnedServer
let admin: postgres.Sql
let cookie: string

const ladder = {
  DATABASE_LOCK_TIMEOUT_MS: String(rungMs.lock),
  DATABASE_STATEMENT_TIMEOUT_MS: String(rungMs.statement),
  DATABASE_QUERY_TIMEOUT_MS: String(rungMs.query),
  HTTP_REQUEST_TIMEOUT_MS: String(rungMs.request),
  HTTP_HEADERS_TIMEOUT_MS: '4000',
  HTTP_RECEIVE_TIMEOUT_MS: String(rungMs.receive),
  DATABASE_POOL_WAIT_MS: '500',
}

beforeAll(async () => {
  database = await createTestDatabase()
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
  const env = { ...serverEnv(proxy.through(database.urlFor('app'))), ...ladder }
  server = await spawnServer({ ...env, PUBLIC_URL: 'http://localhost:3000' }, { application: 'fixture' })
  cookie = await signUp(server.url)
  admin = postgres(database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
})

afterAll(async () => {
  await server.close()
  await admin.end({ timeout: 1 })
  await proxy.close()
  await database.close()
})

interface Ended {
  status: number
  detail: string
  ms: number
  /** Code of the error under the request's line in the log. */
  cause: unknown
}

function lineOf(requestId: string): Record<string, unknown> | undefined {
  return server.lines().find((line) => line['request_id'] === requestId && line['msg'] === 'request')
}

function causeOf(line: Record<string, unknown> | undefined): unknown {
  return (line?.['err'] as { cause?: { code?: string } } | undefined)?.cause?.code
}

/** A request of several statements, and what ended it. */
async function create(headers: Record<string, string> = {}): Promise<Ended> {
  const begin = performance.now()
  const answer = await fetch(`${server.url}/api/parcels`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', origin: 'http://localhost:3000', ...headers },
    body: JSON.stringify({ label: 'a', place: 'b' }),
  })
  const { detail = '', request_id: id = '' } = (await answer.json()) as Record<string, string>
  const ms = performance.now() - begin
  if (answer.ok) return { status: answer.status, detail, ms, cause: undefined }
  await until('the request is in the log', () => Promise.resolve(lineOf(id) !== undefined))
  return { status: answer.status, detail, ms, cause: causeOf(lineOf(id)) }
}

function isServed(): Promise<boolean> {
  return until('a request is served again', async () => (await create()).status === 201)
}

it('ends a wait for a lock before the statement is ended', async () => {
  const ended = await admin.begin(async (tx) => {
    await tx`lock table parcels in access exclusive mode`
    return create()
  })

  expect(ended).toMatchObject({ status: 503, cause: '55P03' })
  expect(ended.ms).toBeGreaterThan(rungMs.lock - 20)
  expect(ended.ms).toBeLessThan(rungMs.statement)
})

it('ends a slow statement on the server before its answer is given up', async () => {
  await admin`create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(60); return new; end'`
  await admin`create trigger dawdle before insert on parcels for each row execute function dawdle()`

  const ended = await create()
  await admin`drop function dawdle cascade`

  expect(ended).toMatchObject({ status: 503, cause: '57014' })
  expect(ended.ms).toBeGreaterThan(rungMs.statement - 20)
  expect(ended.ms).toBeLessThan(rungMs.query)
})

it('gives up a server that is silent before the request is over', async () => {
  await isServed()
  proxy.freeze()

  const ended = await create()
  proxy.thaw()

  expect(ended).toMatchObject({ status: 503, cause: 'QUERY_TIMEOUT', detail: 'the database does not answer' })
  expect(ended.ms).toBeGreaterThan(rungMs.query - 20)
  expect(ended.ms).toBeLessThan(rungMs.request)
})

it('answers a request whose statements are too slow together, each within its own time, before the socket is closed', async () => {
  await isServed()
  proxy.delayBy(600)

  const ended = await create({ 'idempotency-key': 'slow-all-the-way' })
  proxy.delayBy(0)

  expect(ended).toMatchObject({ status: 503, detail: 'the answer took too long' })
  expect(ended.ms).toBeGreaterThan(rungMs.request - 20)
  expect(ended.ms).toBeLessThan(rungMs.receive)
})

it('answers who does not send the body before the socket is closed', async () => {
  await isServed()
  const connection = await openRawConnection(Number(new URL(server.url).port))
  const begin = performance.now()
  const head = ['POST /api/parcels HTTP/1.1', 'host: localhost', `cookie: ${cookie}`]
  connection.write([...head, 'content-type: application/json', 'content-length: 500', '', '{'].join('\r\n'))

  const answer = await connection.waitFor(/"code":"\w+"/)
  const ms = performance.now() - begin
  connection.destroy()

  expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":/)
  expect(ms).toBeGreaterThan(rungMs.request - 20)
  expect(ms).toBeLessThan(rungMs.receive)
})
