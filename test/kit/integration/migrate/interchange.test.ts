import { describe, expect, it } from 'vitest'
import { catalogLines } from '../../../../src/kit/postgres/catalog-lines.ts'
import { openSession } from '../../../../src/kit/migrate/open-session.ts'
import { createMigrationFolder, outsideTransaction, writeMigrations } from './support/migration-folder.ts'
import {
  journalOf,
  migrate,
  openMigratorDatabase,
  type MigratorDatabase,
} from './support/migrator-database.ts'
import { drizzleKitMigrate } from './support/plain-drizzle.ts'

const files = {
  '0000_ships': `-- Why: the first table.\nCREATE TABLE "ships" ("id" integer PRIMARY KEY, "name" text NOT NULL);
--> statement-breakpoint
CREATE TYPE "rig" AS ENUM('sloop', 'ketch');`,
  '0001_rig': `ALTER TYPE "rig" ADD VALUE 'yawl' BEFORE 'ketch';`,
  '0002_index': `${outsideTransaction}CREATE INDEX CONCURRENTLY IF NOT EXISTS "ships_name" ON "ships" ("name");`,
  '0003_masts': `CREATE TABLE "masts" ("ship" integer REFERENCES "ships" ("id") ON DELETE cascade, "rig" "rig" DEFAULT 'sloop');`,
}

async function catalogOf(database: MigratorDatabase): Promise<string[]> {
  const session = await openSession({
    url: database.urlFor('migrator'),
    applicationName: 'test',
    connectTimeoutMs: 5_000,
    lockTimeoutMs: 500,
    statementTimeoutMs: 5_000,
  })
  const lines = await catalogLines(session)
  await session.close()
  return lines
}

function firstFiles(count: number) {
  return Object.fromEntries(Object.entries(files).slice(0, count))
}

describe('interchange with plain drizzle-kit', () => {
  it('each says "nothing to do" after the other, and both leave the same catalog and journal', async () => {
    const folder = createMigrationFolder(files)
    const [ours, plain] = [await openMigratorDatabase(), await openMigratorDatabase()]

    await migrate(ours, folder)
    const plainRun = await drizzleKitMigrate(plain.urlFor('migrator'), folder)
    const afterOurs = await drizzleKitMigrate(ours.urlFor('migrator'), folder)
    const afterPlain = await migrate(plain, folder)

    expect([plainRun.code, afterOurs.code], plainRun.output + afterOurs.output).toEqual([0, 0])
    expect(afterPlain.result).toMatchObject({ applied: [], present: 4 })
    expect(await journalOf(ours.sql)).toEqual(await journalOf(plain.sql))
    expect(await journalOf(ours.sql)).toHaveLength(4)
    expect(await catalogOf(ours)).toEqual(await catalogOf(plain))
    expect((await catalogOf(ours)).length).toBeGreaterThan(10)
  })

  it('works in turn, file by file', { timeout: 60_000 }, async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(firstFiles(1))
    const applied: string[] = []

    for (let count = 1; count <= 4; count += 1) {
      writeMigrations(folder, firstFiles(count))
      if (count % 2 === 1) {
        const { code, output } = await drizzleKitMigrate(database.urlFor('migrator'), folder)
        expect(code, output).toBe(0)
      } else applied.push(...(await migrate(database, folder)).result.applied)
    }

    expect(applied).toEqual(['0001_rig', '0003_masts'])
    expect(await journalOf(database.sql)).toHaveLength(4)
  })
})
