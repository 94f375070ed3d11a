import { describe, expect, it } from 'vitest'
import { applyFile } from '../../../../src/kit/migrate/apply-file.ts'
import { createJournal } from '../../../../src/kit/migrate/journal.ts'
import { createLockBudget } from '../../../../src/kit/migrate/lock-budget.ts'
import { openObserver } from '../../../../src/kit/migrate/open-observer.ts'
import { openSession } from '../../../../src/kit/migrate/open-session.ts'
import { readMigrations } from '../../../../src/kit/migrate/read-migrations.ts'
import { until } from '../../support/until.ts'
import { createMigrationFolder, outsideTransaction } from './support/migration-folder.ts'
import { journalOf, migrate, openMigratorDatabase } from './support/migrator-database.ts'
import { openStatementProxy } from './support/statement-proxy.ts'

const files = {
  '0000_ships': 'CREATE TABLE "ships" ("id" integer PRIMARY KEY);',
  '0001_masts': 'CREATE TABLE "masts" ("id" integer);',
}

describe('a lock that is lost', () => {
  it.each([
    ['in a transaction', files['0000_ships']],
    ['outside a transaction', `${outsideTransaction}CREATE TABLE IF NOT EXISTS "ships" ("id" integer);`],
  ])('stops a file %s before its first statement', async (_, sql) => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ '0000_ships': sql })
    const settings = {
      url: database.urlFor('migrator'),
      applicationName: 'test',
      connectTimeoutMs: 5_000,
      lockTimeoutMs: 500,
      statementTimeoutMs: 5_000,
    }
    const session = await openSession(settings)
    await createJournal(session)
    const observer = openObserver(settings, session.pid, 100)
    const ctx = {
      ...settings,
      session,
      observer,
      budget: createLockBudget(1_000),
      report: () => undefined,
      total: 1,
    }

    const applied = Promise.all(readMigrations(folder).map((file) => applyFile(ctx, file)))

    await expect(applied).rejects.toMatchObject({ exit: 'lock_lost' })
    expect(await database.sql`select to_regclass('ships') as found`).toEqual([{ found: null }])
    await Promise.all([observer.close(), session.close()])
  })

  it('ends the run with 22 when the server ends the session', async () => {
    const database = await openMigratorDatabase()
    const slow = `${files['0001_masts']}--> statement-breakpoint\nSELECT pg_sleep(20);`
    const folder = createMigrationFolder({ ...files, '0001_masts': slow })
    const run = migrate(database, folder).catch((err: unknown) => err)
    const end = () => database.admin`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = ${database.name} and wait_event = 'PgSleep'`
    await until('the slow statement is reached', async () => (await end()).length > 0)

    const failure = await run

    expect(failure).toMatchObject({ exit: 'unreachable', fields: { file: '0001_masts', statement: 2 } })
    expect(await database.sql`select to_regclass('masts') as found`).toEqual([{ found: null }])
    expect(await journalOf(database.sql)).toHaveLength(1)
  })

  it.each(['before', 'after', 'after_reply'] as const)(
    'with its connection %s any statement never lets the rest run in another session',
    { timeout: 60_000 },
    async (when) => {
      const folder = createMigrationFolder({
        '0000_ships': `${files['0000_ships']}--> statement-breakpoint\nINSERT INTO "ships" VALUES (1);`,
        '0001_masts': `INSERT INTO "ships" VALUES (2);--> statement-breakpoint\n${files['0001_masts']}`,
      })
      const clean = await openMigratorDatabase()
      const counter = await openStatementProxy(clean.urlFor('migrator'))
      await migrate({ urlFor: () => counter.url }, folder)

      // The first two statements belong to opening the session, which is tried again; the last one frees the lock.
      for (let at = 3; at < counter.statements.length; at += 1) {
        const database = await openMigratorDatabase()
        const proxy = await openStatementProxy(database.urlFor('migrator'), { at, when })
        const failure: unknown = await migrate({ urlFor: () => proxy.url }, folder).catch(
          (err: unknown) => err,
        )

        expect(failure, `cut ${when} ${counter.statements[at - 1] ?? ''}`).toMatchObject({
          exit: 'unreachable',
        })
        const [found] = await database.sql`
          select to_regclass('ships')::text as ships, to_regclass('masts')::text as masts,
                 to_regclass('drizzle.__drizzle_migrations')::text as journal`
        const rows = found?.['journal'] === null ? [] : await journalOf(database.sql)
        const ships = found?.['ships'] === null ? [] : await database.sql`select from ships`
        expect([ships.length, found?.['masts'] ?? null]).toEqual([
          rows.length,
          rows.length === 2 ? 'masts' : null,
        ])
        await migrate(database, folder)
        expect(await database.sql`select id from ships order by id`).toEqual([{ id: 1 }, { id: 2 }])
      }
    },
  )
})
