import { describe, expect, it, onTestFinished } from 'vitest'
import { explainFault } from '../../../../src/kit/backup/explain-fault.ts'
import { withSession } from '../../../../src/kit/postgres/session.ts'
import { openDatabase } from '../../../../src/kit/db/open-database.ts'
import { sessionParameters } from '../../../../src/kit/postgres/session-parameters.ts'
import { findPgbouncer, openPooler } from '../../support/pgbouncer.ts'
import { createMigrationFolder } from './support/migration-folder.ts'
import { migrate, openMigratorDatabase } from './support/migrator-database.ts'
import { runProcess } from './support/run-process.ts'
import { databaseSettings, poolSettings } from '../../support/pool-settings.ts'

const program = findPgbouncer()
const ships = { '0000_ships': 'CREATE TABLE "ships" ("id" integer PRIMARY KEY);' }

const sent = Object.keys(sessionParameters({ ...databaseSettings, url: 'postgres://app@db/slipway' }))
const dropLadder = [`ignore_startup_parameters = ${sent.join(',')}`]

describe.skipIf(program === undefined)('behind PgBouncer', () => {
  const open = (mode: 'session' | 'transaction', extra: string[] = []) =>
    openPooler({ program: program ?? '', mode, extra })

  it.each([
    ['the last session first', []],
    ['its sessions in turn', ['server_round_robin = 1', 'min_pool_size = 3']],
  ])('migrate refuses a pool of transactions that gives out %s, at once and by name', async (_, extra) => {
    const database = await openMigratorDatabase()
    const pooler = await open('transaction', extra)
    const startedAt = performance.now()

    const ended = await runProcess([], {
      DATABASE_URL: pooler.through(database.urlFor('migrator')),
      MIGRATE_FOLDER: createMigrationFolder(ships),
    })

    expect(ended.stdout).toContain('DATABASE_URL leads through a pooler in transaction mode')
    expect(ended.code).toBe(2)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(await database.sql`select to_regclass('ships') as found`).toEqual([{ found: null }])
  })

  it.each([
    ['of any size', []],
    ['of one session', ['default_pool_size = 1']],
  ])('migrate works through a pool of sessions %s, with its time-outs', async (_, extra) => {
    const database = await openMigratorDatabase()
    const pooler = await open('session', extra)
    const sql = `${ships['0000_ships']}--> statement-breakpoint
      INSERT INTO "ships" SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout';`

    const { result } = await migrate(
      { urlFor: (role) => pooler.through(database.urlFor(role)) },
      createMigrationFolder({ '0000_ships': sql }),
      { statementTimeoutMs: 54_321 },
    )

    expect(result.applied).toEqual(['0000_ships'])
    expect(await database.sql`select id from ships`).toEqual([{ id: 54_321 }])
  })

  it('the API refuses a pooler that refuses or drops its time-outs, and starts once they stand at the role', async () => {
    const database = await openMigratorDatabase()
    const start = async (pooler: Awaited<ReturnType<typeof open>>): Promise<string> => {
      const url = pooler.through(database.urlFor('app'))
      const handle = openDatabase({ ...poolSettings, url, prepare: false })
      try {
        await handle.assertSession(5_000)
        return 'ok'
      } catch (err) {
        const { publicMessage, hint } = err as { publicMessage: string; hint: string }
        return `${publicMessage}\n${hint}`
      } finally {
        await handle.close()
      }
    }
    const strict = await open('transaction')
    const dropping = await open('transaction', dropLadder)

    const strictly = await start(strict)
    expect(strictly).toContain('a pooler refuses the start-up parameter')
    expect(strictly).toContain('statement_timeout,lock_timeout')
    const dropped = await start(dropping)
    expect(dropped).toContain('statement_timeout is 0 (expected 5000)')
    const [, sql = ''] = /pooler: (.*)$/.exec(dropped) ?? []
    expect(sql).toContain("ALTER ROLE app SET lock_timeout = '2000'")
    await database.admin.unsafe(sql.replaceAll('ROLE app', `ROLE app IN DATABASE ${database.name}`))
    await dropping.reconnect()
    expect(await start(dropping)).toBe('ok')
  })

  it('statements that are prepared by default work with DATABASE_PREPARE=false', async () => {
    const database = await openMigratorDatabase()
    const pooler = await open('transaction', [...dropLadder, 'max_prepared_statements = 0'])
    const url = pooler.through(database.urlFor('app'))
    const handle = openDatabase({ ...poolSettings, url, prepare: false, poolSize: 4 })
    onTestFinished(() => handle.close())

    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => handle.sql`select ${index}::int as index`),
    )

    expect(answers.map(([row]) => row?.['index'] as number)).toEqual(answers.map((_, index) => index))
  })

  it.each([
    ['refuses its parameters', [], 'a pooler refuses the start-up parameter'],
    ['drops them', dropLadder, 'DATABASE_URL leads through a pooler in transaction mode'],
  ])('a backup is refused where the pooler %s', async (_, extra, sentence) => {
    const database = await openMigratorDatabase()
    const pooler = await open('transaction', extra)
    const settings = { ...poolSettings, url: pooler.through(database.urlFor('backup')) }

    const work = withSession({ settings, lockTimeoutMs: 500 }, () => Promise.resolve('ok'))

    await expect(work.catch((err: unknown) => Promise.reject(explainFault(err)))).rejects.toMatchObject({
      publicMessage: expect.stringContaining(sentence) as string,
    })
  })
})

describe('a fault that waiting does not mend', () => {
  it.each([
    ['no such database', (url: URL) => (url.pathname = '/nowhere'), '3D000'],
    ['a wrong password', (url: URL) => (url.password = 'wrong'), '28P01'],
    ['a server without TLS', (url: URL) => url.searchParams.set('sslmode', 'require'), 'TLS_REFUSED'],
  ])('%s ends migrate with 2 within seconds', async (_, change, code) => {
    const database = await openMigratorDatabase()
    const url = new URL(database.urlFor('migrator'))
    change(url)
    const startedAt = performance.now()

    const ended = await runProcess([], {
      DATABASE_URL: url.href,
      MIGRATE_FOLDER: createMigrationFolder(ships),
    })

    expect(ended.code).toBe(2)
    expect(ended.stdout).toContain(code)
    expect(performance.now() - startedAt).toBeLessThan(8_000)
  })
})
