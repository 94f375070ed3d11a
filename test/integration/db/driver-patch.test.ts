import postgres from 'postgres'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFinished,
} from 'vitest'
import { postgresOptions } from '../../../src/db/postgres-options.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

let database: TestDatabase
let admin: postgres.Sql
let proxy: DatabaseProxy

beforeAll(async () => {
  database = await createTestDatabase()
  admin = postgres(database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
  await admin`create table marks (mark text)`
  await admin`grant all on marks to app`
})

beforeEach(async () => {
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
  await admin`truncate marks`
})

afterEach(() => proxy.close())

afterAll(async () => {
  await admin.end({ timeout: 5 })
  await database.close()
})

const throughProxy = (port: number): string => {
  const url = new URL(database.urlFor('app'))
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return url.href
}

const openPool = (options: { size: number; queryTimeoutMs?: number; port?: number }): postgres.Sql => {
  const settings = {
    url: throughProxy(options.port ?? proxy.port),
    applicationName: 'patched',
    poolSize: options.size,
  }
  const sql = postgres({
    ...postgresOptions(settings),
    ...(options.queryTimeoutMs === undefined ? {} : { query_timeout: options.queryTimeoutMs / 1_000 }),
  })
  onTestFinished(() => sql.end({ timeout: 0 }))
  return sql
}

/** `pending` when it has not settled in time: a promise that nobody settles is the worst of the answers. */
const outcomeOf = async (work: PromiseLike<unknown>, withinMs = 4_000): Promise<string> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => (timer = setTimeout(resolve, withinMs, 'pending')))
  const settled = Promise.resolve(work).then(
    () => 'ok',
    (err: unknown) => (err as { code?: string }).code ?? String(err),
  )
  const outcome = await Promise.race([settled, late])
  clearTimeout(timer)
  return outcome
}

const kill = (pid: number | undefined) => admin`select pg_terminate_backend(${pid ?? 0}, 5000)`

const pidOf = async (sql: Pick<postgres.Sql, 'unsafe'>): Promise<number | undefined> => {
  const rows = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid')
  return rows[0]?.pid
}

/** Whether a statement with this mark runs on the server. */
const runs = async (mark: string): Promise<boolean> => {
  const rows =
    await admin`select 1 from pg_stat_activity where datname = ${database.name} and state = 'active' and pid <> pg_backend_pid() and query like ${'%' + mark + '%'}`
  return rows.length > 0
}

const marks = async (): Promise<string[]> => {
  const rows = await admin<{ mark: string }[]>`select mark from marks order by mark`
  return rows.map(({ mark }) => mark)
}

describe('a transaction whose backend dies', () => {
  it('rejects its next statement, rather than throw where nobody catches (porsager/postgres #1208)', async () => {
    const sql = openPool({ size: 1 })
    let next = ''

    const outcome = await outcomeOf(
      sql.begin(async (tx) => {
        await kill(await pidOf(tx))
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
    const sql = openPool({ size: 1 })
    let outlived = ''
    let letGo = (): void => undefined
    const othersTurn = new Promise<void>((resolve) => (letGo = resolve))

    const dying = sql.begin(async (tx) => {
      await kill(await pidOf(tx))
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
    expect(await marks()).toEqual(['of the living'])
  })

  it('settles the statements that wait behind the one that was running', async () => {
    const sql = openPool({ size: 1 })
    let both: Promise<string[]> = Promise.resolve([])

    const dying = sql.begin(async (tx) => {
      const pid = await pidOf(tx)
      both = Promise.all([
        outcomeOf(tx`select pg_sleep(31)`),
        outcomeOf(tx`select 1`),
        outcomeOf(tx`select 2`),
      ])
      await until('it sleeps', () => runs('pg_sleep(31)'))
      await kill(pid)
      await both
    })

    expect(await outcomeOf(dying, 8_000)).not.toBe('pending')
    expect(await both).not.toContain('pending')
    expect(await both).not.toContain('ok')
  })
})

describe('a statement that follows at once on the one that met the dead connection', () => {
  it('settles', async () => {
    const sql = openPool({ size: 1 })
    let next = ''
    const dying = sql.begin(async (tx) => {
      await tx`select 1`
      const running = outcomeOf(tx`select pg_sleep(33)`)
      await until('it runs', () => runs('pg_sleep(33)'))
      proxy.reset()
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
    const sql = openPool({ size: 1 })
    const reserved = await sql.reserve()
    await kill(await pidOf(reserved))
    let next = 'ok'

    await until('the driver has noticed', async () => {
      next = await outcomeOf(reserved`select 1`, 1_000)
      return next !== 'ok'
    })

    expect(next).toBe('CONNECTION_DESTROYED')
  })
})

describe('a transaction that has ended', () => {
  it('refuses a statement that comes too late, rather than run it in whatever the connection does next', async () => {
    const sql = openPool({ size: 1 })
    let tooLate = (): PromiseLike<unknown> => Promise.resolve()
    await sql.begin(async (tx) => {
      tooLate = () => tx`insert into marks values ('too late')`
      await tx`select 1`
    })

    const outcome = await outcomeOf(tooLate())

    expect(outcome).toBe('TRANSACTION_ENDED')
    expect(await marks()).toEqual([])
  })
})

describe('a transaction that begins behind a running statement', () => {
  it('has the connection to itself, and leaves no open transaction behind', async () => {
    const sql = openPool({ size: 1 })
    await sql`select 1`

    const slow = outcomeOf(sql`select pg_sleep(0.3)`)
    await until('it runs', () => runs('pg_sleep(0.3)'))
    const work = outcomeOf(sql.begin((tx) => tx`insert into marks values ('kept')`))

    expect(await slow).toBe('ok')
    expect(await work).toBe('ok')
    expect(await outcomeOf(sql`insert into marks values ('later')`)).toBe('ok')
    expect(await marks()).toEqual(['kept', 'later'])
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
      await until('they run', () => runs('pg_sleep(0.05)'))
      cut()
      outcomes.push(...(await Promise.all(work)))
    }
    return outcomes
  }

  it('settles every statement that was retried at once, after a FIN (stale bytes of the old connection)', async () => {
    const outcomes = await storm(openPool({ size: 3 }), proxy.hangUp)

    expect(outcomes).not.toContain('pending')
    expect(outcomes).not.toContain('CONNECT_TIMEOUT')
  })

  it('settles every statement that was retried at once, after a reset (statements of the old connection)', async () => {
    const outcomes = await storm(openPool({ size: 3 }), proxy.reset)

    expect(outcomes).not.toContain('pending')
    expect(outcomes).not.toContain('CONNECT_TIMEOUT')
  })

  it('tells why the server refuses the connection that replaces them', async () => {
    const sql = openPool({ size: 1 })
    const pid = await pidOf(sql)
    const running = outcomeOf(sql`select pg_sleep(30)`)
    await admin.unsafe(`alter database ${database.name} connection limit 0`)
    onTestFinished(async () => {
      await admin.unsafe(`alter database ${database.name} connection limit -1`)
    })
    await kill(pid)
    await running

    expect(await outcomeOf(sql`select 1`)).toBe('53300')
  })
})

describe('a server that hangs up at start-up', () => {
  it('is an error at once, and is not asked thousands of times (porsager/postgres #1193)', async () => {
    const sql = openPool({ size: 1 })
    proxy.hangUpOnArrival(true)

    const outcomes = [await outcomeOf(sql`select 1`), await outcomeOf(sql`select 2`)]

    expect(outcomes).toEqual(['CONNECTION_CLOSED', 'CONNECTION_CLOSED'])
    expect(proxy.accepted()).toBeLessThanOrEqual(3)
    proxy.hangUpOnArrival(false)
    expect(await outcomeOf(sql`select 3`)).toBe('ok')
  })
})

describe('a connection that is cut at any moment of its start-up', () => {
  it('is an error of its statement and of nothing else', async () => {
    const unhandled: unknown[] = []
    const listener = (err: unknown): void => void unhandled.push(err)
    process.on('unhandledRejection', listener)
    onTestFinished(() => void process.off('unhandledRejection', listener))
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, async (_, n) => {
        const { host, port } = inject('postgres')
        const own = await openDatabaseProxy(host, port)
        own.delayBy(20)
        const sql = openPool({ size: 1, port: own.port })
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
    const sql = openPool({ size: 1 })
    await sql`select 1`
    const unhandled: unknown[] = []
    const listener = (err: unknown): void => void unhandled.push(err)
    process.on('unhandledRejection', listener)
    onTestFinished(() => void process.off('unhandledRejection', listener))
    const running = sql`select pg_sleep(32)`
    const outcome = outcomeOf(running)
    await until('it runs', () => runs('pg_sleep(32)'))

    const away = proxy.goAway()
    running.cancel()
    await away
    await outcome
    await new Promise((resolve) => setImmediate(resolve))

    expect(unhandled).toEqual([])
  })
})

describe('the deadline of a query', () => {
  it('ends the wait on a frozen server, whatever kind of statement waits (porsager/postgres #1089)', async () => {
    const sql = openPool({ size: 2, queryTimeoutMs: 400 })
    await Promise.all([sql`select 1`, sql`select 2`])
    let begun = false
    const transaction = sql.begin(async (tx) => {
      await tx`insert into marks values ('never')`
      proxy.freeze()
      begun = true
    })
    await until('its commit is on the way', () => begun)

    expect(await outcomeOf(transaction, 1_500)).toBe('QUERY_TIMEOUT')
    expect(await outcomeOf(sql`select 1`, 1_500)).toBe('QUERY_TIMEOUT')
  })

  it('begins anew for a statement that was sent behind another one', async () => {
    const sql = openPool({ size: 1, queryTimeoutMs: 300 })
    await sql`select 1`

    const outcomes = [outcomeOf(sql`select pg_sleep(0.05)`), outcomeOf(sql`select pg_sleep(35)`)]

    expect(await Promise.all(outcomes)).toEqual(['ok', 'QUERY_TIMEOUT'])
  })

  it('cancels what still runs on the server', async () => {
    const sql = openPool({ size: 1, queryTimeoutMs: 300 })
    await sql`select 1`

    expect(await outcomeOf(sql`select pg_sleep(4)`)).toBe('QUERY_TIMEOUT')

    await until('the server has stopped it', async () => !(await runs('pg_sleep(4)')), { deadlineMs: 1_500 })
  })

  it('replaces every idle connection when one did not answer, so that only one query pays', async () => {
    const sql = openPool({ size: 3, queryTimeoutMs: 400 })
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`])

    proxy.strand()

    expect(await outcomeOf(sql`select 1`)).toBe('QUERY_TIMEOUT')
    for (let i = 0; i < 3; i += 1) expect(await outcomeOf(sql`select 1`)).toBe('ok')
  })

  it('is forgotten with the connection that ran out of life before it', async () => {
    const sql = openPool({ size: 2, queryTimeoutMs: 600 })
    await Promise.all([sql`select pg_sleep(0.1)`, sql`select pg_sleep(0.1)`])
    const begin = performance.now()
    const running = [outcomeOf(sql`select pg_sleep(34)`), outcomeOf(sql`select 1`)]
    await until('it runs', () => runs('pg_sleep(34)'))
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database.name} and query like '%pg_sleep(34)%' and pid <> pg_backend_pid()`
    await Promise.all(running)
    const [before] = await sql`select pg_backend_pid() as pid`

    await until('longer than the deadline', () => performance.now() - begin > 800)

    const [after] = await sql`select pg_backend_pid() as pid`
    expect(after?.['pid']).toBe(before?.['pid'])
  })

  it('leaves an idle connection alone', async () => {
    const sql = openPool({ size: 1, queryTimeoutMs: 300 })
    const pid = await pidOf(sql)
    const begin = performance.now()

    await until('longer than the deadline', () => performance.now() - begin > 500)

    expect(await pidOf(sql)).toBe(pid)
  })
})
