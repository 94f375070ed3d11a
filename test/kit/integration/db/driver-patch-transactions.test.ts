import { describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { outcomeOf, pidOf, usePatchBench } from './patch-bench.ts'

const bench = usePatchBench()

describe('a transaction whose backend dies', () => {
  it('rejects its next statement, rather than throw where nobody catches (porsager/postgres #1208)', async () => {
    const sql = bench.openPool({ size: 1 })
    let next = ''

    const outcome = await outcomeOf(
      sql.begin(async (tx) => {
        await bench.kill(await pidOf(tx))
        await until('the driver has noticed', async () => {
          next = await outcomeOf(tx`select 1`)
          return next !== 'ok'
        })
      }),
    )

    await until('the statement has settled', () => next !== '' && next !== 'ok')
    expect(next).toBe('CONNECTION_CLOSED')
    expect(outcome).toBe('CONNECTION_CLOSED')
    expect(await outcomeOf(sql`select 1`)).toBe('ok')
  })

  it('never runs its later statements inside another transaction (porsager/postgres #1216)', async () => {
    const sql = bench.openPool({ size: 1 })
    let outlived = ''
    let letGo = (): void => undefined
    const othersTurn = new Promise<void>((resolve) => (letGo = resolve))

    const dying = sql.begin(async (tx) => {
      await bench.kill(await pidOf(tx))
      await othersTurn
      outlived = await outcomeOf(tx`insert into marks values ('of the dead')`)
    })
    expect(await outcomeOf(dying)).toBe('CONNECTION_CLOSED')
    await sql.begin(async (tx) => {
      await tx`insert into marks values ('of the living')`
      letGo()
      await until('the dead one has tried', () => outlived !== '')
    })

    expect(outlived).toBe('CONNECTION_CLOSED')
    expect(await bench.marks()).toEqual(['of the living'])
  })

  it('settles the statements that wait behind the one that was running (porsager/postgres #1186)', async () => {
    const sql = bench.openPool({ size: 1 })
    let both: Promise<string[]> = Promise.resolve([])

    const dying = sql.begin(async (tx) => {
      const pid = await pidOf(tx)
      both = Promise.all([
        outcomeOf(tx`select pg_sleep(31)`),
        outcomeOf(tx`select 1`),
        outcomeOf(tx`select 2`),
      ])
      await until('it sleeps', () => bench.runs('pg_sleep(31)'))
      await bench.kill(pid)
      await both
    })

    expect(await outcomeOf(dying, 8_000)).not.toBe('pending')
    expect(await both).not.toContain('pending')
    expect(await both).not.toContain('ok')
  })
})

describe('a transaction that has ended', () => {
  it('refuses a statement that comes too late, rather than run it in whatever the connection does next', async () => {
    const sql = bench.openPool({ size: 1 })
    let tooLate = (): PromiseLike<unknown> => Promise.resolve()
    await sql.begin(async (tx) => {
      tooLate = () => tx`insert into marks values ('too late')`
      await tx`select 1`
    })

    const outcome = await outcomeOf(tooLate())

    expect(outcome).toBe('TRANSACTION_ENDED')
    expect(await bench.marks()).toEqual([])
  })
})

describe('a transaction that is being ended', () => {
  it.each(['rolled back', 'committed'])(
    'refuses a statement that comes while it is %s, rather than run it behind that, for good',
    async (how) => {
      const sql = bench.openPool({ size: 1 })
      let late: Promise<string> | undefined

      const ending = sql.begin(async (tx) => {
        await tx`insert into marks values ('in time')`
        bench.proxy.delayBy(50)
        setImmediate(() => void (late = outcomeOf(tx`insert into marks values ('too late')`)))
        if (how === 'rolled back') throw new Error('on purpose')
      })
      await outcomeOf(ending)
      bench.proxy.delayBy(0)

      expect(await late).toBe('TRANSACTION_ENDED')
      expect(await bench.marks()).toEqual(how === 'rolled back' ? [] : ['in time'])
    },
  )
})

describe('a transaction that the server rolls back at its COMMIT', () => {
  it('is an error, rather than an acknowledged write that is not stored (porsager/postgres #1217)', async () => {
    const sql = bench.openPool({ size: 1 })

    const outcome = await outcomeOf(
      sql.begin(async (tx) => {
        await tx`insert into marks values ('acknowledged')`
        // The way back of the savepoint is gone, so that its error aborts the whole transaction.
        const inner = tx.savepoint(async (scope) => {
          await scope`release savepoint s0`
          await scope`select 1 / 0`
        })
        await outcomeOf(inner)
      }),
    )

    expect(outcome).toBe('TRANSACTION_ROLLED_BACK')
    expect(await bench.marks()).toEqual([])
    expect(await outcomeOf(sql`select 1`)).toBe('ok')
  })
})

describe('a transaction that begins behind a running statement', () => {
  it('has the connection to itself, and leaves no open transaction behind', async () => {
    const sql = bench.openPool({ size: 1 })
    await sql`select 1`

    const slow = outcomeOf(sql`select pg_sleep(0.3)`)
    await until('it runs', () => bench.runs('pg_sleep(0.3)'))
    const work = outcomeOf(sql.begin((tx) => tx`insert into marks values ('kept')`))

    expect(await slow).toBe('ok')
    expect(await work).toBe('ok')
    expect(await outcomeOf(sql`insert into marks values ('later')`)).toBe('ok')
    expect(await bench.marks()).toEqual(['kept', 'later'])
  })
})
