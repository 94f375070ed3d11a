import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { isUnavailable } from '../../../../src/kit/postgres/pg-error.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let database: TestDatabase
let proxy: DatabaseProxy
let handle: DatabaseHandle

beforeAll(async () => {
  database = await createTestDatabase()
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
  handle = openDatabase({
    ...poolSettings,
    url: proxy.through(database.urlFor('app')),
    applicationName: 'slipway-test',
    poolSize: 2,
  })
})

afterAll(async () => {
  await handle.close()
  await proxy.close()
  await database.close()
})

async function timed(work: PromiseLike<unknown>): Promise<number> {
  const begin = performance.now()
  await work
  return performance.now() - begin
}

describe('the pool', () => {
  it('puts no statement behind a slow one', async () => {
    await Promise.all([1, 2].map(() => handle.db.execute(sql`select pg_sleep(0.05)`)))
    const slow = timed(handle.db.execute(sql`select pg_sleep(1)`))

    // As many as may run and wait beside the slow one.
    const fast = await Promise.all(Array.from({ length: 5 }, () => timed(handle.db.execute(sql`select 1`))))

    expect(await slow).toBeGreaterThan(900)
    expect(fast.filter((ms) => ms > 700)).toEqual([])
  })

  it('answers within a second of the return of a server that was away for many attempts', async () => {
    await proxy.goAway()
    const begin = performance.now()
    for (let attempt = 0; attempt < 12; attempt += 1) {
      const err = await handle.db.execute(sql`select 1`).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(isUnavailable(err)).toBe(true)
    }
    expect(performance.now() - begin).toBeLessThan(5_000)

    await proxy.comeBack()

    expect(await timed(handle.db.execute(sql`select 1`))).toBeLessThan(1_000)
  })
})
