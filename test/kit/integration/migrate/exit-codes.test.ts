import { describe, expect, it, onTestFinished } from 'vitest'
import { writeFingerprint } from '../../../../src/kit/migrate/write-fingerprint.ts'
import { openDatabaseProxy } from '../../support/database-proxy.ts'
import { until } from '../../support/until.ts'
import { createMigrationFolder, writeMigrations } from './support/migration-folder.ts'
import { journalOf, migrate, openMigratorDatabase } from './support/migrator-database.ts'
import { eventsOf, runProcess, startProcess } from './support/run-process.ts'
import { runLimits } from '../../support/run-limits.ts'

const ships = { '0000_ships': 'CREATE TABLE "ships" ("id" integer PRIMARY KEY);' }
const masts = { '0001_masts': 'ALTER TABLE "ships" ADD COLUMN "masts" integer;' }

describe('the migrate process', () => {
  it('ends 21 when others leave no gap within the budget', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(ships)
    await migrate(database, folder)
    writeMigrations(folder, { ...ships, ...masts })
    const env = {
      DATABASE_URL: database.urlFor('migrator'),
      MIGRATE_FOLDER: folder,
      MIGRATE_LOCK_BUDGET_MS: '1500',
    }
    await database.admin.begin(async (reader) => {
      await reader`select from ships`

      const { code, stdout } = await runProcess([], env)

      expect(code).toBe(21)
      expect(eventsOf(stdout).at(-1)).toMatchObject({
        exit: 'lock_budget_spent',
        file: '0001_masts',
        statement: 1,
      })
    })
  })

  it('ends 23 when it loses the lock between two files', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({
      '0000_ships': `${ships['0000_ships']}--> statement-breakpoint\nSELECT pg_advisory_unlock_all();`,
      ...masts,
    })

    const { code, stdout } = await runProcess([], {
      DATABASE_URL: database.urlFor('migrator'),
      MIGRATE_FOLDER: folder,
    })

    expect(code).toBe(23)
    expect(eventsOf(stdout).at(-1)).toMatchObject({ event: 'failed', exit: 'lock_lost' })
    expect(await journalOf(database.sql)).toHaveLength(1)
  })

  it('ends 30 on drift and 0 without', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(ships)
    const env = { DATABASE_URL: database.urlFor('migrator'), MIGRATE_FOLDER: folder }
    await migrate(database, folder)
    await writeFingerprint({ ...runLimits, url: database.urlFor('migrator'), folder })

    const without = await runProcess(['drift'], env)
    await database.sql`alter table ships add column extra text`
    const drift = await runProcess(['drift'], env)

    expect(without).toMatchObject({ code: 0, stdout: 'no drift\n' })
    expect(drift.code).toBe(30)
    expect(drift.stdout).toContain('+ column public.ships.extra text\n')
  })

  it('ends 130 on SIGINT', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ '0000_slow': 'SELECT pg_sleep(60);' })
    const { child, ended } = startProcess([], {
      DATABASE_URL: database.urlFor('migrator'),
      MIGRATE_FOLDER: folder,
    })
    const atWork = () => database.admin`
      select from pg_stat_activity where datname = ${database.name} and wait_event = 'PgSleep'`
    await until('the slow statement', async () => (await atWork()).length > 0)

    child.kill('SIGINT')

    expect(await ended).toMatchObject({ code: 130 })
  })

  it('ends 143 within 5 s of SIGTERM while the server is frozen', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ '0000_slow': 'SELECT pg_sleep(60);' })
    const url = new URL(database.urlFor('migrator'))
    const proxy = await openDatabaseProxy(url.hostname, Number(url.port))
    onTestFinished(() => proxy.close())
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    const { child, ended } = startProcess([], { DATABASE_URL: url.href, MIGRATE_FOLDER: folder })
    const atWork = () => database.admin`
      select from pg_stat_activity where datname = ${database.name} and wait_event = 'PgSleep'`
    await until('the slow statement', async () => (await atWork()).length > 0)
    proxy.freeze()

    const stoppedAt = performance.now()
    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 143 })
    expect(performance.now() - stoppedAt).toBeLessThan(5_000)
  })
})
