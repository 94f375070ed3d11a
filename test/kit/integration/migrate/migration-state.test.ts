import postgres from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { migrationState, requiredMigrations } from '../../../../src/kit/migrate/migration-state.ts'
import { createMigrationFolder, writeMigrations } from './support/migration-folder.ts'
import { migrate, openMigratorDatabase, type MigratorDatabase } from './support/migrator-database.ts'
import { drizzleKitMigrate } from './support/plain-drizzle.ts'

const ships = { '0000_ships': 'CREATE TABLE "ships" ("id" integer PRIMARY KEY);' }
const masts = { '0001_masts': 'CREATE TABLE "masts" ("id" integer);' }
const floor = {
  '0002_drop': `DROP TABLE "ships";--> statement-breakpoint
COMMENT ON TABLE "drizzle"."__drizzle_migrations" IS 'slipway:floor 0001_masts';`,
}

function openApp(database: MigratorDatabase): postgres.Sql {
  const sql = postgres(database.urlFor('app'), { max: 1, onnotice: () => undefined })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

describe('migrationState, read as app', () => {
  it('misses everything before the first run, without an error', async () => {
    const database = await openMigratorDatabase()
    const required = requiredMigrations(createMigrationFolder({ ...ships, ...masts }))

    const state = await migrationState(openApp(database), required)

    expect(state).toEqual({ applied: 0, missing: ['0000_ships', '0001_masts'], ahead: false })
  })

  it('names what is missing, then nothing, and calls a later database ahead', async () => {
    const database = await openMigratorDatabase()
    const app = openApp(database)
    const folder = createMigrationFolder(ships)
    const old = requiredMigrations(folder)
    await migrate(database, folder)
    writeMigrations(folder, { ...ships, ...masts })
    const current = requiredMigrations(folder)

    const before = await migrationState(app, current)
    await migrate(database, folder)

    expect(before).toEqual({ applied: 1, missing: ['0001_masts'], ahead: false })
    expect(await migrationState(app, current)).toEqual({ applied: 2, missing: [], ahead: false })
    expect(await migrationState(app, old)).toEqual({ applied: 2, missing: [], ahead: true })
  })

  it("does not miss an edited file: that is the runner's business", async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(ships)
    await migrate(database, folder)
    writeMigrations(folder, { '0000_ships': `${ships['0000_ships']} -- edited` })

    const state = await migrationState(openApp(database), requiredMigrations(folder))

    expect(state).toEqual({ applied: 1, missing: [], ahead: false })
  })

  it('tells images below the floor of a contract migration apart, whoever applied it', async () => {
    const folder = createMigrationFolder(ships)
    const old = requiredMigrations(folder)
    writeMigrations(folder, { ...ships, ...masts })
    const enough = requiredMigrations(folder)
    writeMigrations(folder, { ...ships, ...masts, ...floor })

    const [ours, plain] = [await openMigratorDatabase(), await openMigratorDatabase()]
    await migrate(ours, folder)
    await drizzleKitMigrate(plain.urlFor('migrator'), folder)

    for (const app of [openApp(ours), openApp(plain)]) {
      expect(await migrationState(app, old)).toMatchObject({ missing: [], belowFloor: '0001_masts' })
      expect(await migrationState(app, enough)).toEqual({ applied: 3, missing: [], ahead: true })
    }
  })
})
