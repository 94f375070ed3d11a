import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { explainDatabaseError } from '../../../../src/kit/db/explain-database-error.ts'
import { openDatabase, type DatabaseHandle, type PoolSettings } from '../../../../src/kit/db/open-database.ts'
import { pgError } from '../../../../src/kit/postgres/pg-error.ts'
import { transact } from '../../../../src/kit/db/transact.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let database: TestDatabase
let proxy: DatabaseProxy

beforeAll(async () => {
  database = await createTestDatabase()
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
})

afterAll(async () => {
  await proxy.close()
  await database.close()
})

function open(settings: Partial<PoolSettings> = {}): DatabaseHandle {
  const handle = openDatabase({
    ...poolSettings,
    url: proxy.through(database.urlFor('app')),
    applicationName: 'guarded',
    poolSize: 2,
    ...settings,
  })
  onTestFinished(() => handle.close())
  return handle
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no failure',
    (err: unknown) => err,
  )
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  const err = await failureOf(work)
  return err === 'no failure' ? 'ok' : (explainDatabaseError(err)?.kind ?? String(err))
}

function sleep(handle: DatabaseHandle, seconds: number) {
  return handle.db.execute(sql`select pg_sleep(${seconds})`)
}

describe('a pool that is asked for more than it has', () => {
  it('lets twice its size wait, refuses the rest at once, and those who wait in time', async () => {
    const handle = open({ poolWaitMs: 300 })
    const begin = performance.now()

    const outcomes = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const kind = await kindOf(sleep(handle, 0.8))
        return { kind, ms: performance.now() - begin }
      }),
    )

    const refused = outcomes.filter(({ kind }) => kind === 'unavailable').map(({ ms }) => ms)
    expect(outcomes.filter(({ kind }) => kind === 'ok')).toHaveLength(2)
    expect(refused.filter((ms) => ms < 200)).toHaveLength(2)
    expect(refused.filter((ms) => ms >= 290 && ms < 700)).toHaveLength(4)
    expect(handle.stats()).toEqual({ size: 2, inUse: 0, waiting: 0 })
  })

  it('counts a transaction as one, from its begin to its end', async () => {
    const handle = open({ poolSize: 1, poolWaitMs: 200 })
    let during = ''

    await handle.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      during = await kindOf(handle.db.execute(sql`select 1`))
    })

    expect(during).toBe('unavailable')
    expect(await kindOf(handle.db.execute(sql`select 1`))).toBe('ok')
    expect(handle.stats()).toEqual({ size: 1, inUse: 0, waiting: 0 })
  })
})

describe('a database that is frozen', () => {
  it('keeps nobody longer than the deadline, and serves again after the thaw without a place lost', async () => {
    const handle = open({ queryTimeoutMs: 500, poolWaitMs: 200 })
    await Promise.all([sleep(handle, 0.05), sleep(handle, 0.05)])
    proxy.freeze()
    const begin = performance.now()

    const kinds = await Promise.all([
      kindOf(handle.db.execute(sql`select 1`)),
      kindOf(transact(handle.db, (tx) => tx.execute(sql`select 1`))),
      kindOf(handle.db.execute(sql`select 1`)),
    ])

    expect(kinds).toEqual(['unavailable', 'unavailable', 'unavailable'])
    expect(performance.now() - begin).toBeLessThan(1_500)
    proxy.thaw()
    expect(await kindOf(handle.db.execute(sql`select 1`))).toBe('ok')
    expect(handle.stats()).toEqual({ size: 2, inUse: 0, waiting: 0 })
  })
})

describe('the ladder of time-outs', () => {
  const rungs = { lockTimeoutMs: 250, statementTimeoutMs: 500, queryTimeoutMs: 750, poolWaitMs: 100 }

  const namedBy = async (work: Promise<unknown>): Promise<string | undefined> => {
    const err = await failureOf(work)
    return pgError(err)?.sqlState ?? (err as { cause?: { code?: string } }).cause?.code
  }

  it('is climbed from below: lock, statement, query', async () => {
    const handle = open({ ...rungs, poolSize: 3 })
    await Promise.all([1, 2, 3].map(() => sleep(handle, 0.05)))
    const locked = Promise.withResolvers<undefined>()
    const released = Promise.withResolvers<undefined>()
    const holder = open().db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(42)`)
      locked.resolve(undefined)
      await released.promise
    })
    await locked.promise

    const byLock = await namedBy(handle.db.execute(sql`select pg_advisory_xact_lock(42)`))
    const byStatement = await namedBy(sleep(handle, 5))
    proxy.freeze()
    const byQuery = await namedBy(sleep(handle, 0))
    proxy.thaw()
    released.resolve(undefined)
    await holder

    expect([byLock, byStatement, byQuery]).toEqual(['55P03', '57014', 'QUERY_TIMEOUT'])
  })
})

describe('a database that leaves and returns, again and again', () => {
  it('leaves no place taken and no transaction half done', async () => {
    const handle = open({ queryTimeoutMs: 1_000, poolWaitMs: 500 })
    const load = { runs: true }
    const client = async (): Promise<void> => {
      while (load.runs) {
        await failureOf(transact(handle.db, (tx) => tx.execute(sql`select pg_sleep(0.002)`)))
        await failureOf(sleep(handle, 0.002))
      }
    }
    const clients = Array.from({ length: 5 }, client)
    onTestFinished(() => void (load.runs = false))

    for (let round = 0; round < 5; round += 1) {
      await proxy.goAway()
      await proxy.comeBack()
      await until('it serves', async () => (await kindOf(sleep(handle, 0))) === 'ok')
      proxy.hangUp()
      proxy.reset()
    }
    load.runs = false
    await Promise.all(clients)

    expect(handle.stats()).toEqual({ size: 2, inUse: 0, waiting: 0 })
    expect(await kindOf(handle.db.execute(sql`select 1`))).toBe('ok')
  })
})

describe('transact', () => {
  it('refuses one inside another', async () => {
    const handle = open()

    const err = await failureOf(transact(handle.db, () => transact(handle.db, () => Promise.resolve())))

    expect(String(err)).toContain('begun inside another')
  })

  it.each([
    ['40001', true, 2],
    ['40P01', true, 2],
    ['40001', false, 1],
    ['23505', true, 1],
  ])(
    'runs work that failed with %s again only when that is safe (idempotent: %s)',
    async (state, isIdempotent, runs) => {
      const handle = open()
      let count = 0
      const raise = sql.raw(`do $$ begin raise exception using errcode = '${state}'; end $$`)

      await failureOf(
        transact(
          handle.db,
          async (tx) => {
            count += 1
            if (count === 1) await tx.execute(raise)
          },
          { isIdempotent },
        ),
      )

      expect(count).toBe(runs)
    },
  )
})

describe('a full disk', () => {
  it('needs a person, unlike what passes by itself', async () => {
    const handle = open()
    const raise = (state: string) =>
      failureOf(handle.db.execute(sql.raw(`do $$ begin raise exception using errcode = '${state}'; end $$`)))

    expect(explainDatabaseError(await raise('53100'))?.needsPerson).toBe(true)
    expect(explainDatabaseError(await raise('53300'))?.needsPerson).toBe(false)
  })
})

describe('errors of PostgreSQL', () => {
  it.each([
    ['22001', 'invalid_request'],
    ['22P02', 'invalid_request'],
    ['23505', 'conflict'],
    ['23503', 'unprocessable'],
    ['23514', 'unprocessable'],
    ['25006', 'unavailable'],
    ['40P01', 'unavailable'],
    ['53100', 'unavailable'],
    ['53300', 'unavailable'],
    ['55P03', 'unavailable'],
    ['57014', 'unavailable'],
    ['08006', 'unavailable'],
  ])('%s is %s', async (state, kind) => {
    const handle = open()

    const work = handle.db.execute(sql.raw(`do $$ begin raise exception using errcode = '${state}'; end $$`))

    expect(await kindOf(work)).toBe(kind)
  })

  it('of any other class are faults of ours', async () => {
    const handle = open()

    expect(
      explainDatabaseError(await failureOf(handle.db.execute(sql`select no_such_column`))),
    ).toBeUndefined()
  })
})
