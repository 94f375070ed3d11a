import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { showDrift } from '../../../../src/kit/migrate/command/show-drift.ts'
import { showStatus } from '../../../../src/kit/migrate/command/show-status.ts'
import { recordBaseline } from '../../../../src/kit/migrate/command/record-baseline.ts'
import { fingerprintPath } from '../../../../src/kit/migrate/fingerprint.ts'
import { writeFingerprint } from '../../../../src/kit/migrate/write-fingerprint.ts'
import { createMigrationFolder, writeMigrations } from './support/migration-folder.ts'
import {
  journalOf,
  migrate,
  openMigratorDatabase,
  type MigratorDatabase,
} from './support/migrator-database.ts'
import { runLimits } from '../../support/run-limits.ts'

const files = {
  '0000_ships': `CREATE TABLE "ships" ("id" integer PRIMARY KEY, "name" text DEFAULT 'none' NOT NULL);`,
  '0001_masts': `CREATE TABLE "masts" ("ship" integer NOT NULL REFERENCES "ships" ("id"));
CREATE INDEX "masts_ship" ON "masts" ("ship");`,
}

function settingsFor(database: MigratorDatabase, folder: string) {
  return {
    ...runLimits,
    url: database.urlFor('migrator'),
    folder,
  }
}

let fingerprint: string | undefined

/** Made once: it takes a database of its own. */
async function placeFingerprint(database: MigratorDatabase, folder: string): Promise<void> {
  if (fingerprint === undefined) {
    await writeFingerprint(settingsFor(database, folder))
    fingerprint = readFileSync(fingerprintPath(folder), 'utf8')
  }
  writeFileSync(fingerprintPath(folder), fingerprint)
}

async function prepare() {
  const database = await openMigratorDatabase()
  const folder = createMigrationFolder(files)
  await migrate(database, folder)
  await placeFingerprint(database, folder)
  return { database, folder, settings: settingsFor(database, folder) }
}

describe('drift', () => {
  it('finds nothing in a database that the migrations made, read by a role that can only read', async () => {
    const { database, folder, settings } = await prepare()

    expect(await showDrift(settings)).toMatchObject({ exit: 'ok', text: 'no drift' })
    expect(await showDrift({ ...settings, url: database.urlFor('monitor') })).toMatchObject({ exit: 'ok' })
    expect(JSON.parse(readFileSync(fingerprintPath(folder), 'utf8'))).toMatchObject({ tag: '0001_masts' })
  })

  it.each([
    ['CREATE TABLE "extra" ("id" integer)', '+ table public.extra'],
    ['ALTER TABLE "ships" ALTER COLUMN "name" DROP NOT NULL', '- column public.ships.name text not null'],
    [
      `ALTER TABLE "ships" ALTER COLUMN "name" SET DEFAULT 'x'`,
      "+ column public.ships.name text not null default 'x'",
    ],
    ['DROP INDEX "masts_ship"', '- index CREATE INDEX masts_ship ON public.masts'],
    [
      'ALTER TABLE "masts" DROP CONSTRAINT "masts_ship_fkey"',
      '- constraint public.masts masts_ship_fkey FOREIGN KEY',
    ],
    ['ALTER TABLE "ships" ENABLE ROW LEVEL SECURITY', '+ table public.ships row security'],
    [`CREATE TYPE "rig" AS ENUM ('sloop')`, "+ type public.rig 'sloop'"],
    ['CREATE FUNCTION f() RETURNS integer LANGUAGE sql RETURN 1', '+ function public.f()'],
    ['CREATE VIEW "v" AS SELECT 1 AS one', '+ view public.v as'],
    [
      'ALTER TABLE "masts" ADD CONSTRAINT "c" CHECK ("ship" > 0) NOT VALID',
      '+ constraint public.masts c CHECK',
    ],
    ['CREATE SCHEMA "other"', '+ schema other'],
  ])('sees %s', async (sql, line) => {
    const { database, settings } = await prepare()
    await database.sql.unsafe(sql)

    const drift = await showDrift(settings)

    expect(drift.exit).toBe('drift')
    expect(drift.text).toContain(line)
  })

  it('refuses to compare while migrations are pending, and with a fingerprint of other files', async () => {
    const { folder, settings } = await prepare()
    writeMigrations(folder, { ...files, '0002_rig': 'ALTER TABLE "ships" ADD COLUMN "rig" text;' })

    await expect(showDrift(settings)).rejects.toMatchObject({ exit: 'usage' })
    await writeFingerprint(settings)
    await expect(showDrift(settings)).rejects.toMatchObject({ exit: 'pending' })
  })

  it('has a fingerprint in this repository that its migrations make', async () => {
    const database = await openMigratorDatabase()
    const folder = fileURLToPath(new URL('../../../../migrations', import.meta.url))
    await migrate(database, folder)

    const drift = await showDrift(settingsFor(database, folder))

    expect(drift.text).toBe('no drift')
  })
})

describe('baseline', () => {
  it('records files of a schema that is there, and up goes on behind them', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(files)
    await database.sql.unsafe(files['0000_ships'])

    const outcome = await recordBaseline(settingsFor(database, folder), '0000_ships')

    expect(outcome).toMatchObject({ exit: 'ok', json: { recorded: ['0000_ships'] } })
    expect((await migrate(database, folder)).result.applied).toEqual(['0001_masts'])
    expect((await showStatus(settingsFor(database, folder))).exit).toBe('ok')
  })

  it('refuses an empty database, one that was migrated, and a tag that does not exist', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(files)
    const settings = settingsFor(database, folder)
    const sentence = (message: string) => ({ exit: 'usage', publicMessage: message })

    await expect(recordBaseline(settings, '0001_masts')).rejects.toMatchObject(
      sentence('the database holds no tables'),
    )
    await expect(recordBaseline(settings, '0009_x')).rejects.toMatchObject(
      sentence('there is no migration 0009_x'),
    )
    await migrate(database, folder)
    await expect(recordBaseline(settings, '0001_masts')).rejects.toMatchObject(
      sentence('the database already records 2 migrations'),
    )
    expect(await journalOf(database.sql)).toHaveLength(2)
  })
})
