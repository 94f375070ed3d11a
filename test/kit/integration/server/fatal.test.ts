import { request } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { serverEnv, spawnServer, type SpawnedServer } from '../../support/spawn-server.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

let database: TestDatabase
let server: SpawnedServer

/** An error that nobody catches, on demand. */
const bomb = `process.on('SIGUSR2', () => setTimeout(() => { throw new Error('nobody foresaw this') }))`

beforeEach(async () => {
  database = await createTestDatabase()
  const env = serverEnv(database.urlFor('app'))
  const node = `--import=data:text/javascript,${encodeURIComponent(bomb)}`
  server = await spawnServer({ ...env, NODE_OPTIONS: node }, { application: 'fixture' })
})

afterEach(async () => {
  await server.close()
  await database.close()
})

it('an error that nobody caught ends the process: a last line, the running request answered, exit code 1', async () => {
  const body = JSON.stringify({
    email: 'last@example.org',
    password: 'long enough for anybody',
    name: 'Last',
  })
  const running = request(`${server.url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  })
  const answered = new Promise<number | undefined>((resolve, reject) => {
    running.on('response', (res) => resolve(res.resume().statusCode))
    running.on('error', reject)
  })
  running.write(body.slice(0, 10))
  await until('it has arrived', async () =>
    /http_requests_in_flight [1-9]/.test(await (await fetch(server.metricsUrl)).text()),
  )

  server.kill('SIGUSR2')
  await until('the listener is closed', () =>
    fetch(`${server.url}/livez`).then(
      () => false,
      () => true,
    ),
  )
  running.end(body.slice(10))

  expect(await answered).toBe(200)
  expect(await server.exited).toEqual({ code: 1, signal: null })
  const fatal = server.lines().filter((line) => line['level'] === 'fatal')
  expect(fatal).toMatchObject([{ msg: 'uncaught error', err: { message: 'nobody foresaw this' } }])
})
