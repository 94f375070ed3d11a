import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { isUnavailable } from '../../../../src/kit/postgres/pg-error.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

/** Far below the deadline of 6 s, and with room for a busy machine. */
const soonMs = 2_000

let database: TestDatabase
let proxy: DatabaseProxy
let handle: DatabaseHandle

beforeEach(async () => {
  database = await createTestDatabase()
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
  handle = open()
})

afterEach(async () => {
  await handle.close()
  await proxy.close()
  await database.close()
})

function open(queryTimeoutMs = 6_000): DatabaseHandle {
  return openDatabase({
    ...poolSettings,
    url: proxy.through(database.urlFor('app')),
    applicationName: 'silent',
    poolSize: 3,
    queryTimeoutMs,
  })
}

function run(statement: string, ...parameters: number[]): Promise<unknown> {
  return handle.sql.unsafe(statement, parameters)
}

async function outcomeOf(work: Promise<unknown>): Promise<{ code: unknown; ms: number }> {
  const begin = performance.now()
  const code = await work.then(
    () => 'ok',
    (err: unknown) => {
      expect(isUnavailable(err)).toBe(true)
      return (err as { code?: string }).code
    },
  )
  return { code, ms: performance.now() - begin }
}

async function expectSilent(work: Promise<unknown>): Promise<void> {
  const { code, ms } = await outcomeOf(work)
  expect(code).toBe('CONNECTION_SILENT')
  expect(ms).toBeLessThan(soonMs)
}

function fillPool(): Promise<unknown> {
  return Promise.all([1, 2, 3].map(() => run('select pg_sleep(0.1)')))
}

describe('a statement whose answer cannot come', () => {
  it('ends soon when every connection was forgotten, and the pool serves at once', async () => {
    await fillPool()
    proxy.strand()

    await expectSilent(run('select 1'))

    for (let n = 0; n < 3; n += 1) expect((await outcomeOf(run('select 1'))).ms).toBeLessThan(soonMs / 4)
  })

  it('ends soon in a transaction', async () => {
    const work = handle.sql.begin(async (tx) => {
      await tx`select 1`
      proxy.strand()
      await tx`select 2`
    })

    await expectSilent(work)
  })

  it('ends soon when the answer was lost', async () => {
    proxy.loseAnswer('never_heard')

    await expectSilent(run('select 1 as never_heard'))
  })

  it('ends soon when it stopped between two messages, where the server calls it active', async () => {
    proxy.loseAnswer('never_heard')

    await expectSilent(run('select $1::int as never_heard', 1))
  })

  it('ends soon when its connection was begun in a partition', async () => {
    proxy.partition()
    const work = run('select 1')

    setTimeout(() => proxy.heal('silent'), 300)

    await expectSilent(work)
  })
})

describe('a statement whose answer will come', () => {
  it('is left alone while it runs for long', async () => {
    expect(await outcomeOf(run('select pg_sleep(3)'))).toMatchObject({ code: 'ok' })
  })

  it('is left alone while it waits for a lock', async () => {
    const holder = handle.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(7)`
      await tx`select pg_sleep(1.5)`
    })
    const waiter = outcomeOf(run('select pg_advisory_lock(7), pg_advisory_unlock(7)'))

    expect(await waiter).toMatchObject({ code: 'ok' })
    await holder
  })

  it('is left alone in a network that has become 300 ms slower', async () => {
    await fillPool()
    proxy.delayBy(300)

    for (let round = 1; round <= 2; round += 1) {
      const outcomes = await Promise.all([1, 2, 3].map((n) => outcomeOf(run('select $1::int', n))))
      expect(outcomes.map(({ code }) => code)).toEqual(['ok', 'ok', 'ok'])
    }
  })

  it('is left alone behind a pooler, which numbers backends by itself', async () => {
    proxy.numberBackends()

    expect(await outcomeOf(run('select pg_sleep(2)'))).toMatchObject({ code: 'ok' })
  })

  it('is left to its deadline when the server answers nobody', async () => {
    await handle.close()
    handle = open(3_500)
    await run('select 1')
    proxy.freeze()

    const { code } = await outcomeOf(run('select 1'))

    proxy.thaw()
    expect(code).toBe('QUERY_TIMEOUT')
  })
})
