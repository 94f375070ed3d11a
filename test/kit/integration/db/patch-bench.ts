import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, inject, onTestFinished } from 'vitest'
import { postgresOptions } from '../../../../src/kit/postgres/postgres-options.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

interface PatchBench {
  database: TestDatabase
  /** A superuser, past the proxy. */
  admin: postgres.Sql
  /** A new one for every test. */
  proxy: DatabaseProxy
  /** The bare driver with our options; without a deadline unless one is given. */
  openPool: (options: { size: number; queryTimeoutMs?: number; port?: number }) => postgres.Sql
  kill: (pid: number | undefined) => PromiseLike<unknown>
  /** Whether a statement with this mark runs on the server. */
  runs: (mark: string) => Promise<boolean>
  /** What is stored in the table `marks`. */
  marks: () => Promise<string[]>
}

/** `pending` when it has not settled in time: a promise that nobody settles is the worst of the answers. */
export async function outcomeOf(work: PromiseLike<unknown>, withinMs = 4_000): Promise<string> {
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

export async function pidOf(sql: Pick<postgres.Sql, 'unsafe'>): Promise<number | undefined> {
  const rows = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid')
  return rows[0]?.pid
}

/** What the rest of the process would have seen: each of these ends it outside of a test. */
export function hearUnhandled(): unknown[] {
  const unhandled: unknown[] = []
  const listener = (err: unknown): void => void unhandled.push(err)
  process.on('unhandledRejection', listener)
  onTestFinished(() => void process.off('unhandledRejection', listener))
  return unhandled
}

function throughProxy({ database, proxy }: PatchBench, port = proxy.port): string {
  const url = new URL(database.urlFor('app'))
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return url.href
}

function openPool(bench: PatchBench, options: Parameters<PatchBench['openPool']>[0]): postgres.Sql {
  const url = throughProxy(bench, options.port)
  const { size, queryTimeoutMs } = options
  const sql = postgres({
    ...postgresOptions({ ...databaseSettings, url, applicationName: 'patched', poolSize: size }),
    ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs / 1_000 }),
  })
  onTestFinished(() => sql.end({ timeout: 0 }))
  return sql
}

/** For one test file: the bare patched driver before a proxy, and a superuser who sees what the server does. */
export function usePatchBench(): PatchBench {
  const bench: PatchBench = {
    ...({} as Pick<PatchBench, 'admin' | 'database' | 'proxy'>),
    openPool: (options) => openPool(bench, options),
    kill: (pid) => bench.admin`select pg_terminate_backend(${pid ?? 0}, 5000)`,
    runs: async (mark) => {
      const rows =
        await bench.admin`select 1 from pg_stat_activity where datname = ${bench.database.name} and state = 'active' and pid <> pg_backend_pid() and query like ${'%' + mark + '%'}`
      return rows.length > 0
    },
    marks: async () => {
      const rows = await bench.admin<{ mark: string }[]>`select mark from marks order by mark`
      return rows.map(({ mark }) => mark)
    },
  }
  beforeAll(async () => {
    bench.database = await createTestDatabase()
    bench.admin = postgres(bench.database.urlFor('postgres'), { max: 1, onnotice: () => undefined })
    await bench.admin`create table marks (mark text)`
    await bench.admin`grant all on marks to app`
  })
  beforeEach(async () => {
    const { host, port } = inject('postgres')
    bench.proxy = await openDatabaseProxy(host, port)
    await bench.admin`truncate marks`
  })
  afterEach(() => bench.proxy.close())
  afterAll(async () => {
    await bench.admin.end({ timeout: 5 })
    await bench.database.close()
  })
  return bench
}
