import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { provisionRoles } from '../../../../src/kit/postgres/provision-roles.ts'
import { showDrift } from '../../../../src/kit/migrate/command/show-drift.ts'
import { randomPassword } from '../../support/random-password.ts'
import { createMigrationFolder, outsideTransaction, writeMigrations } from './support/migration-folder.ts'
import { journalOf, migrate } from './support/migrator-database.ts'
import { openOtherPostgres, otherVersions, type OtherPostgres } from './support/other-postgres.ts'
import { startProcess } from './support/run-process.ts'
import { runLimits } from '../../support/run-limits.ts'

const repository = fileURLToPath(new URL('../../../../migrations', import.meta.url))
const rolesFile = new URL('../../../../ops/postgres/roles.sql', import.meta.url)

describe.each(Object.entries(otherVersions))('on PostgreSQL %s', (major, version) => {
  let server: OtherPostgres
  const opened: Sql[] = []

  const openSql = (url: string): Sql => {
    const sql = postgres(url, { max: 2, onnotice: () => undefined })
    opened.push(sql)
    return sql
  }

  /** A database with the roles of the stack, as ops/postgres/roles.sql makes them. */
  const openDatabase = async (name: string) => {
    await openSql(server.url).unsafe(`create database ${name}`)
    const passwords = { migrator: randomPassword(), app: 'a', backup: 'b', monitor: 'm' }
    const adminUrl = new URL(server.url)
    adminUrl.pathname = `/${name}`
    const admin = openSql(adminUrl.href)
    await provisionRoles(admin, await readFile(rolesFile, 'utf8'), passwords)
    const url = new URL(adminUrl.href)
    url.username = 'migrator'
    url.password = encodeURIComponent(passwords.migrator)
    return { urlFor: () => url.href, admin, sql: openSql(url.href) }
  }

  beforeAll(async () => {
    server = await openOtherPostgres(version)
  }, 120_000)

  afterAll(async () => {
    await Promise.all(opened.map((sql) => sql.end({ timeout: 1 })))
    await server.close()
  })

  it('applies the migrations of this repository, twice, without drift', async () => {
    const database = await openDatabase('repository')
    const [row] = await database.admin`show server_version_num`

    const first = await migrate(database, repository)
    const second = await migrate(database, repository)

    expect(String(row?.['server_version_num'])).toMatch(new RegExp(`^${major}`))
    expect(first.result.applied.length).toBeGreaterThan(0)
    expect(second.result.applied).toEqual([])
    expect(await showDrift({ ...runLimits, url: database.urlFor(), folder: repository })).toMatchObject({
      text: 'no drift',
    })
  })

  it('retries behind a reader, names it, and builds indexes outside a transaction', async () => {
    const database = await openDatabase('blocked')
    const ships = { '0000_ships': 'CREATE TABLE "ships" ("id" integer, "name" text);' }
    const folder = createMigrationFolder(ships)
    await migrate(database, folder)
    writeMigrations(folder, {
      ...ships,
      '0001_masts': 'ALTER TABLE "ships" ADD COLUMN "masts" integer;',
      '0002_index': `${outsideTransaction}CREATE INDEX CONCURRENTLY "ships_name" ON "ships" ("name");`,
    })
    const run = await database.admin.begin(async (reader) => {
      await reader`select from ships`
      const events: unknown[] = []
      const running = migrate(database, folder, { report: (event) => void events.push(event) })
      while (!JSON.stringify(events).includes('lock_retry')) await reader`select pg_sleep(0.05)`
      expect(JSON.stringify(events)).toContain('"application":"postgres.js"')
      return { running }
    })

    expect((await run.running).result.applied).toEqual(['0001_masts', '0002_index'])
    expect(await journalOf(database.sql)).toHaveLength(3)
  })

  it('frees everything when the process is killed or told to stop', async () => {
    const database = await openDatabase('stopped')
    const folder = createMigrationFolder({
      '0000_slow': 'CREATE TABLE "ships" ();--> statement-breakpoint\nSELECT pg_sleep(60);',
    })
    for (const [signal, code] of [
      ['SIGTERM', 143],
      ['SIGKILL', null],
    ] as const) {
      const { child, ended } = startProcess([], { DATABASE_URL: database.urlFor(), MIGRATE_FOLDER: folder })
      const backends = () => database.admin`select wait_event from pg_stat_activity
        where datname = 'stopped' and application_name = 'slipway-migrate'`
      const reached = Date.now() + 10_000
      while (!(await backends()).some((each) => each['wait_event'] === 'PgSleep'))
        expect(Date.now()).toBeLessThan(reached)

      const stoppedAt = Date.now()
      child.kill(signal)
      expect((await ended).code).toBe(code)
      while ((await backends()).length > 0) expect(Date.now() - stoppedAt).toBeLessThan(5_000)
    }
    expect(await database.sql`select to_regclass('ships') as found`).toEqual([{ found: null }])
  })
})
