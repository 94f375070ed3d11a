import { describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import {
  breakpoint,
  createMigrationFolder,
  outsideTransaction,
  writeMigrations,
} from './support/migration-folder.ts'
import {
  journalOf,
  migrate,
  openMigratorDatabase,
  type MigratorDatabase,
} from './support/migrator-database.ts'
import { repetitions } from '../../support/repetitions.ts'
import { startProcess } from './support/run-process.ts'
import { openStatementProxy } from './support/statement-proxy.ts'

const files = {
  '0000_ships': `CREATE TABLE "ships" ("id" integer PRIMARY KEY);${breakpoint}CREATE TABLE "masts" ("ship" integer);`,
  '0001_rows': `INSERT INTO "ships" VALUES (1), (2);${breakpoint}INSERT INTO "masts" VALUES (1), (2);`,
  '0002_index': `${outsideTransaction}CREATE INDEX CONCURRENTLY "ships_id" ON "ships" ("id");`,
  '0003_name': `ALTER TABLE "ships" ADD COLUMN "name" text;${breakpoint}UPDATE "masts" SET "ship" = "ship" + 10;`,
}

/** What each file changes, first statement and last: equal unless the schema stands between. */
const marks = `select
  to_regclass('ships') is not null as f0_first, to_regclass('masts') is not null as f0_last,
  exists (select from pg_attribute where attrelid = to_regclass('ships') and attname = 'name') as f3_first`

const rowMarks = `select (select count(*)::int from ships) as ships, (select count(*)::int from masts) as masts,
  (select coalesce(max(ship), 0) > 10 from masts) as f3_last`

async function assertNeverBetween(database: MigratorDatabase): Promise<void> {
  const [schema] = await database.sql.unsafe(marks)
  expect(schema?.['f0_first']).toBe(schema?.['f0_last'])
  if (schema?.['f0_first'] !== true) return
  const [rows] = await database.sql.unsafe(rowMarks)
  expect(rows?.['ships']).toBe(rows?.['masts'])
  expect(rows?.['f3_last']).toBe(schema['f3_first'])
}

/** The killed process is gone, its backend may still be rolling back: at most client_connection_check_interval. */
function untilAlone(database: MigratorDatabase) {
  return until(
    'the backends of the killed migrator are gone',
    async () => {
      const others = await database.admin`select from pg_stat_activity
        where datname = ${database.name} and application_name = 'slipway-migrate'`
      return others.length === 0
    },
    { deadlineMs: 5_000 },
  )
}

async function assertFinished(database: MigratorDatabase, folder: string): Promise<void> {
  await migrate(database, folder)
  expect(await journalOf(database.sql)).toHaveLength(4)
  expect(await database.sql`select from pg_index where not indisvalid`).toHaveLength(0)
  const [rows] = await database.sql.unsafe(rowMarks)
  expect(rows).toEqual({ ships: 2, masts: 2, f3_last: true })
}

/** Runs the process through a proxy that kills it at one statement. */
async function killAt(database: MigratorDatabase, folder: string, at: number, when: 'before' | 'after') {
  let kill = (): void => undefined
  const proxy = await openStatementProxy(database.urlFor('migrator'), { at, when, kill: () => kill() })
  const { child, ended } = startProcess(['up'], { DATABASE_URL: proxy.url, MIGRATE_FOLDER: folder })
  kill = () => void child.kill('SIGKILL')
  return ended
}

/** Behind one statement the database is as before the next, so that in the short form one of the two is enough. */
function momentsOf(at: number, total: number): ('before' | 'after')[] {
  return repetitions(1, 2) === 2 || at === total ? ['before', 'after'] : ['before']
}

describe('a migrator that is killed', () => {
  it('leaves every file whole or absent, wherever it dies', { timeout: 180_000 }, async () => {
    const folder = createMigrationFolder(files)
    const clean = await openMigratorDatabase()
    const counter = await openStatementProxy(clean.urlFor('migrator'))
    await migrate({ urlFor: () => counter.url }, folder)
    const total = counter.statements.length
    expect(total).toBeGreaterThan(20)

    for (let at = 2; at <= total; at += 1) {
      for (const when of momentsOf(at, total)) {
        const database = await openMigratorDatabase()
        const { signal } = await killAt(database, folder, at, when)
        await untilAlone(database)

        expect(`${signal ?? 'none'} at ${at}`).toBe(`SIGKILL at ${at}`)
        await assertNeverBetween(database)
        await assertFinished(database, folder)
      }
    }
  })

  it('in the middle of a concurrent index build leaves no invalid index behind for long', async () => {
    const database = await openMigratorDatabase()
    const before = { '0000_ships': files['0000_ships'], '0001_rows': files['0001_rows'] }
    const index = files['0002_index']
    const folder = createMigrationFolder(before)
    await migrate(database, folder)
    writeMigrations(folder, { ...before, '0002_index': index })
    // A writer in an open transaction, which the build waits for.
    await database.admin.begin(async (writer) => {
      await writer`insert into ships values (3)`
      const { child, ended } = startProcess(['up'], {
        DATABASE_URL: database.urlFor('migrator'),
        MIGRATE_FOLDER: folder,
      })
      const invalid = () => database.sql`select from pg_index where not indisvalid`
      await until('the build has begun', async () => (await invalid()).length > 0)
      const killedAt = Date.now()
      child.kill('SIGKILL')
      await ended
      await untilAlone(database)
      expect(Date.now() - killedAt).toBeLessThan(3_000)
      expect(await database.sql`select from pg_index where not indisvalid`).toHaveLength(1)
    })

    const { events } = await migrate(database, folder)

    expect(events.map((event) => event.event)).toContain('index_dropped')
    expect(
      await database.sql`select indisvalid from pg_index where indexrelid = 'ships_id'::regclass`,
    ).toEqual([{ indisvalid: true }])
  })

  it('while it holds a table frees it within 3 s', async () => {
    const database = await openMigratorDatabase()
    const { '0000_ships': ships } = files
    const folder = createMigrationFolder({ '0000_ships': ships })
    await migrate(database, folder)
    const slow = `ALTER TABLE "ships" ADD COLUMN "name" text;${breakpoint}SELECT pg_sleep(60);`
    writeMigrations(folder, { '0000_ships': ships, '0001_slow': slow })
    const { child, ended } = startProcess(['up'], {
      DATABASE_URL: database.urlFor('migrator'),
      MIGRATE_FOLDER: folder,
    })
    const atWork = () => database.admin`
      select from pg_stat_activity where datname = ${database.name} and wait_event = 'PgSleep'`
    await until('the slow statement is reached', async () => (await atWork()).length > 0)

    const killedAt = performance.now()
    child.kill('SIGKILL')
    await ended
    await database.sql`select count(*) from ships`

    expect(performance.now() - killedAt).toBeLessThan(3_000)
  })
})
