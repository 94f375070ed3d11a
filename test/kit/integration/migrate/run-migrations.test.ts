import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { breakpoint, createMigrationFolder, writeMigrations } from './support/migration-folder.ts'
import { journalOf, migrate, openMigratorDatabase } from './support/migrator-database.ts'

const ships = 'CREATE TABLE "ships" ("id" integer PRIMARY KEY);'
const masts = `ALTER TABLE "ships" ADD COLUMN "masts" integer;`

describe('runMigrations', () => {
  it('applies every file once and records hash and time as Drizzle does', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ '0000_ships': ships, '0001_masts': masts })

    const first = await migrate(database, folder)
    const second = await migrate(database, folder)

    const hash = createHash('sha256')
      .update(readFileSync(join(folder, '0001_masts.sql')))
      .digest('hex')
    expect(first.result.applied).toEqual(['0000_ships', '0001_masts'])
    expect(second.result).toMatchObject({ applied: [], present: 2 })
    expect((await journalOf(database.sql))[1]).toEqual({ hash, created_at: '1700000001000' })
  })

  it('keeps the first of three, leaves nothing of the second, and goes on once it is corrected', async () => {
    const database = await openMigratorDatabase()
    const broken = `CREATE TABLE "ports" ("id" integer);\n${breakpoint}\nALTER TABLE "prots" ADD COLUMN "x" integer;`
    const files = { '0000_ships': ships, '0001_ports': broken, '0002_masts': masts }
    const folder = createMigrationFolder(files)

    const failure = migrate(database, folder)

    await expect(failure).rejects.toMatchObject({
      exit: 'failed',
      publicMessage:
        '0001_ports: statement 2 of 2 (line 4) failed with SQLSTATE 42P01 (relation "prots" does not exist)',
      fields: { file: '0001_ports', statement: 2, sql_state: '42P01', line: 4 },
    })
    expect(await journalOf(database.sql)).toHaveLength(1)
    expect(await database.sql`select to_regclass('ports') as found`).toEqual([{ found: null }])

    writeMigrations(folder, { ...files, '0001_ports': broken.replace('prots', 'ports') })
    expect((await migrate(database, folder)).result.applied).toEqual(['0001_ports', '0002_masts'])
  })

  it.each([
    [
      'ALTER TABLE "ships" ADD CONSTRAINT "ships_name_key" UNIQUE ("name");',
      '23505, at ships, ships_name_key',
    ],
    ['ALTER TABLE "ships" ALTER COLUMN "name" TYPE integer USING "name"::integer;', '22P02'],
    [`DO $$ BEGIN EXECUTE format('DROP TABLE %I', (SELECT "name" FROM "ships" LIMIT 1)); END $$;`, '42P01'],
  ])('never shows a row of anybody when %s fails', async (sql, shown) => {
    const database = await openMigratorDatabase()
    const rows = `CREATE TABLE "ships" ("name" text);${breakpoint}INSERT INTO "ships" VALUES ('secret-name'), ('secret-name');`
    const folder = createMigrationFolder({ '0000_ships': rows, '0001_next': sql })

    const failure: unknown = await migrate(database, folder).catch((err: unknown) => err)

    expect(failure).toMatchObject({
      publicMessage: `0001_next: statement 1 of 1 (line 1) failed with SQLSTATE ${shown}`,
    })
    expect(JSON.stringify(failure)).not.toContain('secret-name')
  })

  it('works for a role without CREATE on the database when the schema is there', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ '0000_ships': ships })
    await database.admin.unsafe(`alter database ${database.name} owner to postgres`)
    await database.admin.unsafe(`grant create on schema public to owner`)

    const { result } = await migrate(database, folder)

    expect(result.applied).toEqual(['0000_ships'])
  })
})
