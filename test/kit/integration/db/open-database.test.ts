import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { isUnavailable, pgError } from '../../../../src/kit/postgres/pg-error.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let database: TestDatabase
let handle: DatabaseHandle
const onQuery = vi.fn()

function settings(url: string) {
  return {
    ...poolSettings,
    url,
    applicationName: 'slipway-test',
    statementTimeoutMs: 700,
    lockTimeoutMs: 300,
    poolSize: 3,
  }
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
  } catch (err) {
    return err
  }
  throw new Error('it did not fail')
}

beforeAll(async () => {
  database = await createTestDatabase()
  handle = openDatabase(settings(database.urlFor('app')), { onQuery })
})

beforeEach(() => onQuery.mockClear())

afterAll(async () => {
  await handle.close()
  await database.close()
})

describe('a session of the pool', () => {
  const setting = async (name: string): Promise<unknown> => {
    const rows = await handle.db.execute<{ value: string }>(sql`select current_setting(${name}) as value`)
    return rows[0]?.value
  }

  it('carries the time-outs and the application name', async () => {
    expect(await setting('statement_timeout')).toBe('700ms')
    expect(await setting('lock_timeout')).toBe('300ms')
    expect(await setting('idle_in_transaction_session_timeout')).toBe('10s')
    expect(await setting('application_name')).toBe('slipway-test')
  })

  it('is ended in a statement that takes too long, which counts as unavailable', async () => {
    const err = await failureOf(handle.db.execute(sql`select pg_sleep(5)`))

    expect(pgError(err)).toEqual({ sqlState: '57014' })
    expect(isUnavailable(err)).toBe(true)
  })

  it.each([
    'create table mischief (id int)',
    'create schema mischief',
    'create temporary table mischief (id int)',
    'alter table parcels add column mischief int',
    'drop table parcels',
    'truncate parcels',
    'create role mischief',
    'delete from drizzle.__drizzle_migrations',
  ])('may not: %s', async (statement) => {
    const err = await failureOf(handle.db.execute(sql.raw(statement)))

    expect(pgError(err)?.sqlState).toBe('42501')
  })

  it('prints no notice of the server', async () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const logged = vi.spyOn(console, 'log').mockReturnValue(undefined)

    await handle.db.execute(sql`do $$ begin raise notice 'hello'; raise warning 'hello'; end $$`)
    const calls = [...written.mock.calls, ...logged.mock.calls]
    written.mockRestore()
    logged.mockRestore()

    expect(calls).toEqual([])
  })
})

describe('errors of the server', () => {
  it('tell constraint and table through the wrapping of Drizzle', async () => {
    const insert = sql`insert into parcels (id, user_id, label, place) values (gen_random_uuid(), 'nobody', 'a', 'b')`

    const facts = pgError(await failureOf(handle.db.execute(insert)))

    expect(facts?.sqlState).toMatch(/^23/)
    expect(facts?.table).toBe('parcels')
  })

  it('are no unavailability when the statement itself is wrong', async () => {
    expect(isUnavailable(await failureOf(handle.db.execute(sql`select no_such_column`)))).toBe(false)
    expect(isUnavailable(new Error('ECONNREFUSED'))).toBe(false)
    expect(pgError({ code: '23505' })).toBeUndefined()
  })
})

describe('observation', () => {
  it('hears each statement once, inside transactions and savepoints too', async () => {
    await handle.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      await tx.transaction((inner) => inner.execute(sql`select 2`))
    })
    await failureOf(handle.db.execute(sql`select no_such_column`))

    const outcomes = onQuery.mock.calls.map(([, outcome]) => outcome as string)
    // The third ok is BEGIN.
    expect(outcomes).toEqual(['ok', 'ok', 'ok', 'error'])
    expect(onQuery.mock.calls.every(([ms]) => (ms as number) >= 0)).toBe(true)
  })

  it('counts what holds a connection and what waits for one', async () => {
    const sleeps = Array.from({ length: 5 }, () => handle.db.execute(sql`select pg_sleep(0.3)`))
    const work = Promise.all(sleeps)

    const busy = await until('five statements are on their way', () => {
      const stats = handle.stats()
      return stats.waiting === 2 && stats
    })
    await work

    expect(busy).toEqual({ size: 3, inUse: 3, waiting: 2 })
    expect(handle.stats()).toEqual({ size: 3, inUse: 0, waiting: 0 })
  })

  it('counts an open transaction as one connection, also after it failed', async () => {
    let during: unknown
    const transaction = handle.db.transaction(async (tx) => {
      await tx.execute(sql`select 1`)
      during = handle.stats()
      throw new Error('changed my mind')
    })

    await expect(transaction).rejects.toThrow('changed my mind')
    expect(during).toMatchObject({ inUse: 1 })
    expect(handle.stats()).toMatchObject({ inUse: 0 })
  })
})

describe('ping', () => {
  let proxy: DatabaseProxy
  let behind: DatabaseHandle

  beforeEach(async () => {
    const { host, port } = inject('postgres')
    proxy = await openDatabaseProxy(host, port)
    const url = new URL(database.urlFor('app'))
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    behind = openDatabase({ ...settings(url.href), connectTimeoutMs: 2_000 })
  })

  afterEach(async () => {
    await proxy.close()
    await behind.close()
  })

  it('tells latency and version of the server', async () => {
    const { latencyMs, serverVersion } = await behind.ping(1_000)

    expect(latencyMs).toBeGreaterThan(0)
    expect(serverVersion).toMatch(/^1[678]\.\d+$/)
  })

  it('answers while every connection of the pool is busy', async () => {
    const work = Promise.all(Array.from({ length: 6 }, () => handle.db.execute(sql`select pg_sleep(0.3)`)))
    await until('the pool is busy', () => handle.stats().waiting === 3)

    const { latencyMs } = await handle.ping(1_000)
    await work

    expect(latencyMs).toBeLessThan(250)
  })

  it('fails at its deadline while the server is frozen, and works again after the thaw', async () => {
    await behind.ping(1_000)
    proxy.freeze()
    const begin = performance.now()

    const err = await failureOf(behind.ping(200))

    expect(err).toMatchObject({ kind: 'unavailable' })
    expect(performance.now() - begin).toBeLessThan(400)
    proxy.thaw()
    expect(await behind.ping(1_000)).toHaveProperty('serverVersion')
  })

  it('gives up a connection that no longer answers, so that the next one asks on a new one', async () => {
    await behind.ping(1_000)
    proxy.strand()
    await failureOf(behind.ping(200))

    expect(await behind.ping(1_000)).toHaveProperty('serverVersion')
  })

  it('fails at once while the server is away, and works again when it is back', async () => {
    await proxy.goAway()
    expect(isUnavailable(await failureOf(behind.ping(1_000)))).toBe(true)

    await proxy.comeBack()

    expect(await behind.ping(1_000)).toHaveProperty('serverVersion')
  })
})
