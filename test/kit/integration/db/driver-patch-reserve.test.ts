import postgres from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { postgresOptions } from '../../../../src/kit/postgres/postgres-options.ts'
import { until } from '../../support/until.ts'
import { outcomeOf, pidOf, usePatchBench } from './patch-bench.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

const bench = usePatchBench()

describe('a reserved connection whose backend ended', () => {
  it('rejects every later statement, and those that wait behind one', async () => {
    const sql = bench.openPool({ size: 1 })
    const reserved = await sql.reserve()
    const running = outcomeOf(reserved`select pg_sleep(33)`)
    const waiting = outcomeOf(reserved`select 1`)
    await until('it runs', () => bench.runs('pg_sleep(33)'))

    bench.proxy.reset()

    expect(await running).not.toBe('pending')
    expect(await waiting).not.toBe('pending')
    const later = [reserved`select 1`, reserved`select 2`, reserved.unsafe('select 3')]
    expect(await Promise.all(later.map((each) => outcomeOf(each, 1_000)))).toEqual(
      Array.from({ length: 3 }, () => 'CONNECTION_CLOSED'),
    )
  })

  it('gives its place in the pool back, released or not, and runs nothing in the session that follows', async () => {
    const sql = bench.openPool({ size: 1 })
    const reserved = await sql.reserve()
    await bench.kill(await pidOf(reserved))
    await until('the driver has noticed', async () => (await outcomeOf(reserved`select 1`, 1_000)) !== 'ok')

    expect(await outcomeOf(sql`select 1`)).toBe('ok')
    expect(await outcomeOf(reserved`insert into marks values ('stray')`, 1_000)).not.toBe('ok')
    reserved.release()
    expect(await outcomeOf(sql`select 1`)).toBe('ok')
    expect(await bench.marks()).toEqual([])
  })
})

describe('a reserved connection', () => {
  it('refuses statements after its release, and a second release changes nothing', async () => {
    const sql = bench.openPool({ size: 1 })
    const reserved = await sql.reserve()
    reserved.release()
    const other = await sql.reserve()

    reserved.release()

    expect(await outcomeOf(reserved`select 1`, 1_000)).toBe('RESERVATION_ENDED')
    const third = sql.reserve()
    expect(await outcomeOf(third, 300)).toBe('pending')
    other.release()
    expect(await outcomeOf(third)).toBe('ok')
  })

  it('is rejected once where the server cannot be reached, and the pool connects again later', async () => {
    const sql = bench.openPool({ size: 1 })
    await bench.admin.unsafe(`alter database ${bench.database.name} connection limit 0`)
    const refused = await outcomeOf(sql.reserve())
    await bench.admin.unsafe(`alter database ${bench.database.name} connection limit -1`)

    expect(refused).toBe('53300')
    expect(await outcomeOf(sql.reserve())).toBe('ok')
  })

  it('opens where the types of the server are not fetched', async () => {
    const url = bench.database.urlFor('app')
    const options = postgresOptions({ ...databaseSettings, url, applicationName: 'patched', poolSize: 1 })
    const sql = postgres({ ...options, fetch_types: false })
    onTestFinished(() => sql.end({ timeout: 0 }))

    expect(await outcomeOf(sql.reserve())).toBe('ok')
  })
})

describe('a cursor whose backend ends', () => {
  it('is rejected', async () => {
    const sql = bench.openPool({ size: 1 })
    const pid = await pidOf(sql)
    const read = async (): Promise<void> => {
      for await (const rows of sql`select generate_series(1, 100)`.cursor(10)) {
        expect(rows).toHaveLength(10)
        await bench.kill(pid)
      }
    }

    // It read as the end of the rows.
    expect(await outcomeOf(read())).not.toMatch(/ok|pending/)
    expect(await outcomeOf(sql`select 1`)).toBe('ok')
  })
})

describe('TLS where the server offers none', () => {
  it('is refused by name', async () => {
    const url = `${bench.database.urlFor('app')}?sslmode=require`
    const sql = postgres(
      postgresOptions({ ...databaseSettings, url, applicationName: 'patched', poolSize: 1 }),
    )
    onTestFinished(() => sql.end({ timeout: 0 }))

    expect(await outcomeOf(sql`select 1`)).toBe('TLS_REFUSED')
  })
})
