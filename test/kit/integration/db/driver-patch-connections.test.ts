import type postgres from 'postgres'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { openDatabaseProxy } from '../../support/database-proxy.ts'
import { until } from '../../support/until.ts'
import { hearUnhandled, outcomeOf, pidOf, usePatchBench } from './patch-bench.ts'

const bench = usePatchBench()

describe('a statement that follows at once on the one that met the dead connection', () => {
  it('settles', async () => {
    const sql = bench.openPool({ size: 1 })
    let next = ''
    const dying = sql.begin(async (tx) => {
      await tx`select 1`
      const running = outcomeOf(tx`select pg_sleep(33)`)
      await until('it runs', () => bench.runs('pg_sleep(33)'))
      bench.proxy.reset()
      await running
      next = await outcomeOf(tx`select 1`, 2_000)
    })

    expect(await outcomeOf(dying)).not.toBe('ok')
    await until('it has settled', () => next !== '')
    expect(next).not.toBe('pending')
  })
})

describe('a reserved connection whose backend dies', () => {
  it('rejects its next statement (porsager/postgres #1066)', async () => {
    const sql = bench.openPool({ size: 1 })
    const reserved = await sql.reserve()
    await bench.kill(await pidOf(reserved))
    let next = 'ok'

    await until('the driver has noticed', async () => {
      next = await outcomeOf(reserved`select 1`, 1_000)
      return next !== 'ok'
    })

    expect(next).toBe('CONNECTION_CLOSED')
  })
})

describe('a pool whose connections are cut', () => {
  const storm = async (sql: postgres.Sql, cut: () => void): Promise<string[]> => {
    const outcomes: string[] = []
    for (let round = 0; round < 15; round += 1) {
      await Promise.all([sql`select 1`, sql`select 2`, sql`select 3`]).catch(() => undefined)
      const again = async (): Promise<string> => {
        // At once, so that the retry meets connections that are about to close too.
        await sql`select pg_sleep(0.05)`.catch(() => undefined)
        const first = await outcomeOf(sql`select 4`)
        return first === 'ok' ? 'ok' : outcomeOf(sql`select 5`)
      }
      const work = round % 2 === 0 ? [again()] : [again(), again(), again()]
      await until('they run', () => bench.runs('pg_sleep(0.05)'))
      cut()
      outcomes.push(...(await Promise.all(work)))
    }
    return outcomes
  }

  it('settles every statement that was retried at once, after a FIN (stale bytes of the old connection)', async () => {
    const outcomes = await storm(bench.openPool({ size: 3 }), bench.proxy.hangUp)

    expect(outcomes).not.toContain('pending')
    expect(outcomes).not.toContain('CONNECT_TIMEOUT')
  })

  it('settles every statement that was retried at once, after a reset (statements of the old connection)', async () => {
    const outcomes = await storm(bench.openPool({ size: 3 }), bench.proxy.reset)

    expect(outcomes).not.toContain('pending')
    expect(outcomes).not.toContain('CONNECT_TIMEOUT')
  })

  it('tells why the server refuses the connection that replaces them (porsager/postgres #1223)', async () => {
    const sql = bench.openPool({ size: 1 })
    const pid = await pidOf(sql)
    const running = outcomeOf(sql`select pg_sleep(30)`)
    await bench.admin.unsafe(`alter database ${bench.database.name} connection limit 0`)
    onTestFinished(async () => {
      await bench.admin.unsafe(`alter database ${bench.database.name} connection limit -1`)
    })
    await bench.kill(pid)
    await running

    expect(await outcomeOf(sql`select 1`)).toBe('53300')
  })
})

describe('a server that hangs up at start-up', () => {
  it('is an error at once, and is not asked thousands of times (porsager/postgres #1193)', async () => {
    const sql = bench.openPool({ size: 1 })
    bench.proxy.hangUpOnArrival(true)

    const outcomes = [await outcomeOf(sql`select 1`), await outcomeOf(sql`select 2`)]

    expect(outcomes).toEqual(['CONNECTION_CLOSED', 'CONNECTION_CLOSED'])
    expect(bench.proxy.accepted()).toBeLessThanOrEqual(3)
    bench.proxy.hangUpOnArrival(false)
    expect(await outcomeOf(sql`select 3`)).toBe('ok')
  })
})

describe('a connection that is cut at any moment of its start-up', () => {
  it('is an error of its statement and of nothing else (porsager/postgres #1192)', async () => {
    const unhandled = hearUnhandled()
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const { host, port } = inject('postgres')
        const own = await openDatabaseProxy(host, port)
        own.delayBy(20)
        const sql = bench.openPool({ size: 1, port: own.port })
        const outcome = outcomeOf(sql`select 1`)
        await new Promise((resolve) => setTimeout(resolve, n * 10))
        own.reset()
        const settled = await outcome
        await own.close()
        return settled
      }),
    )
    await new Promise((resolve) => setImmediate(resolve))

    expect(outcomes).toContain('ECONNRESET')
    expect(outcomes).not.toContain('pending')
    expect(unhandled).toEqual([])
  })
})

describe('cancelling', () => {
  it('does not end the process when the server cannot be reached for it', async () => {
    const sql = bench.openPool({ size: 1 })
    await sql`select 1`
    const unhandled = hearUnhandled()
    const running = sql`select pg_sleep(32)`
    const outcome = outcomeOf(running)
    await until('it runs', () => bench.runs('pg_sleep(32)'))

    const away = bench.proxy.goAway()
    running.cancel()
    await away
    await outcome
    await new Promise((resolve) => setImmediate(resolve))

    expect(unhandled).toEqual([])
  })
})
