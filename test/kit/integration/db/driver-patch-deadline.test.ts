import { describe, expect, it } from 'vitest'
import { poolConnections } from '../../../../src/kit/postgres/pool-connections.ts'
import { until } from '../../support/until.ts'
import { outcomeOf, pidOf, usePatchBench } from './patch-bench.ts'

const bench = usePatchBench()

describe('the deadline of a query', () => {
  it('ends the wait on a frozen server, whatever kind of statement waits (porsager/postgres #1089)', async () => {
    const sql = bench.openPool({ size: 2, queryTimeoutMs: 400 })
    await Promise.all([sql`select 1`, sql`select 2`])
    let begun = false
    const transaction = sql.begin(async (tx) => {
      await tx`insert into marks values ('never')`
      bench.proxy.freeze()
      begun = true
    })
    await until('its commit is on the way', () => begun)

    expect(await outcomeOf(transaction, 1_500)).toBe('QUERY_TIMEOUT')
    expect(await outcomeOf(sql`select 1`, 1_500)).toBe('QUERY_TIMEOUT')
  })

  it('begins anew for a statement that was sent behind another one', async () => {
    const sql = bench.openPool({ size: 1, queryTimeoutMs: 300 })
    await sql`select 1`

    const outcomes = [outcomeOf(sql`select pg_sleep(0.05)`), outcomeOf(sql`select pg_sleep(35)`)]

    expect(await Promise.all(outcomes)).toEqual(['ok', 'QUERY_TIMEOUT'])
  })

  it('cancels what still runs on the server', async () => {
    const sql = bench.openPool({ size: 1, queryTimeoutMs: 300 })
    await sql`select 1`

    expect(await outcomeOf(sql`select pg_sleep(4)`)).toBe('QUERY_TIMEOUT')

    await until('the server has stopped it', async () => !(await bench.runs('pg_sleep(4)')), {
      deadlineMs: 1_500,
    })
  })

  it('replaces every idle connection when one did not answer, so that only one query pays', async () => {
    const sql = bench.openPool({ size: 3, queryTimeoutMs: 400 })
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`])

    bench.proxy.strand()

    expect(await outcomeOf(sql`select 1`)).toBe('QUERY_TIMEOUT')
    for (let i = 0; i < 3; i += 1) expect(await outcomeOf(sql`select 1`)).toBe('ok')
  })

  it('is forgotten with the connection that ran out of life before it', async () => {
    const sql = bench.openPool({ size: 2, queryTimeoutMs: 600 })
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`])
    const begin = performance.now()
    const running = [outcomeOf(sql`select pg_sleep(34)`), outcomeOf(sql`select 1`)]
    await until('it runs', () => bench.runs('pg_sleep(34)'))
    await bench.admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${bench.database.name} and query like '%pg_sleep(34)%' and pid <> pg_backend_pid()`
    await Promise.all(running)
    const [before] = await sql`select pg_backend_pid() as pid`

    await until('longer than the deadline', () => performance.now() - begin > 800)

    const [after] = await sql`select pg_backend_pid() as pid`
    expect(after?.['pid']).toBe(before?.['pid'])
  })

  it('leaves an idle connection alone', async () => {
    const sql = bench.openPool({ size: 1, queryTimeoutMs: 300 })
    const pid = await pidOf(sql)
    const begin = performance.now()

    await until('longer than the deadline', () => performance.now() - begin > 500)

    expect(await pidOf(sql)).toBe(pid)
  })
})

describe('a connection that is watched', () => {
  it('shows the socket of what waits there, and the number of its backend (porsager/postgres #1089)', async () => {
    const sql = bench.openPool({ size: 1 })
    const [connection] = poolConnections(sql)
    bench.proxy.freeze()
    const connecting = sql`select 1`.execute()
    await until('it connects', () => connection?.awaited?.bytesRead === 0)
    bench.proxy.thaw()
    await connecting
    expect(connection?.awaited).toBe(null)
    expect(connection?.backend.pid).toBe(await pidOf(sql))

    const running = sql`select pg_sleep(0.3)`.execute()
    await until('it runs', () => bench.runs('pg_sleep(0.3)'))

    expect(connection?.awaited?.bytesRead).toBeGreaterThan(0)
    await running
  })

  it('fails its statement when it is given up, ends it on the server, and takes the idle ones along', async () => {
    const sql = bench.openPool({ size: 2 })
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`])
    const before = poolConnections(sql).map(({ backend }) => backend.pid)
    const running = outcomeOf(sql`select pg_sleep(36)`)
    await until('it runs', () => bench.runs('pg_sleep(36)'))

    for (const connection of poolConnections(sql)) if (connection.awaited !== null) connection.giveUp('GONE')

    expect(await running).toBe('GONE')
    await until('the server has stopped it', async () => !(await bench.runs('pg_sleep(36)')))
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`])
    const after = poolConnections(sql).map(({ backend }) => backend.pid)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
  })
})
