import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { setTimeout as wait } from 'node:timers/promises'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

const queryTimeoutMs = 600

let database: TestDatabase
let proxy: DatabaseProxy
let handle: DatabaseHandle

beforeEach(async () => {
  database = await createTestDatabase()
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
  handle = openDatabase({
    ...poolSettings,
    url: proxy.through(database.urlFor('app')),
    applicationName: 'deadline',
    poolSize: 1,
    queryTimeoutMs,
  })
})

afterEach(async () => {
  await handle.close()
  await proxy.close()
  await database.close()
})

async function backend(seconds = 0): Promise<unknown> {
  const rows = await handle.sql.unsafe('select pg_backend_pid() as pid, pg_sleep($1)', [seconds])
  return rows[0]?.['pid']
}

async function timed(work: Promise<unknown>): Promise<{ code: unknown; ms: number }> {
  const begin = performance.now()
  const code = await work.then(
    () => 'ok',
    (err: unknown) => (err as { code?: string }).code,
  )
  return { code, ms: performance.now() - begin }
}

it('counts anew for every statement of one connection, and not while it is idle', async () => {
  const first = await backend()

  for (const seconds of [0.4, 0.4, 0.4]) expect(await backend(seconds)).toBe(first)
  await wait(queryTimeoutMs + 200)

  expect(await backend()).toBe(first)
})

it('leaves nothing behind that closing the pool would wait for', async () => {
  await backend()
  proxy.freeze()
  expect(await timed(backend())).toMatchObject({ code: 'QUERY_TIMEOUT' })

  const { ms } = await timed(handle.close())

  proxy.thaw()
  expect(ms).toBeLessThan(2_000)
})

it('still ends a statement long after it was first set, and again on the connection that follows', async () => {
  for (const round of [1, 2]) {
    await backend()
    await wait(queryTimeoutMs + 200)
    proxy.freeze()

    const { code, ms } = await timed(backend())

    proxy.thaw()
    expect([round, code]).toEqual([round, 'QUERY_TIMEOUT'])
    expect(ms).toBeGreaterThan(queryTimeoutMs - 20)
    expect(ms).toBeLessThan(queryTimeoutMs + 600)
  }
})
