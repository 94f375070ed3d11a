import { describe, expect, it } from 'vitest'
import { breakpoint, createMigrationFolder, outsideTransaction } from './support/migration-folder.ts'
import { migrate, openMigratorDatabase, type MigratorDatabase } from './support/migrator-database.ts'
import { openStatementProxy } from './support/statement-proxy.ts'

const ships =
  'CREATE TABLE "ships" ("id" integer PRIMARY KEY, "masts" integer); INSERT INTO "ships" VALUES (1, 1);'

function failureOf(work: Promise<unknown>): Promise<{ exit: string; publicMessage: string; hint: string }> {
  return work.then(
    () => Promise.reject(new Error('it did not fail')),
    (err: unknown) => err as { exit: string; publicMessage: string; hint: string },
  )
}

/** Ends the connection once the statement that contains `mark` has run, before the runner learns so. */
async function cutAfter(database: MigratorDatabase, folder: string, mark: string): Promise<void> {
  const rehearsal = await openMigratorDatabase()
  await migrate(rehearsal, createMigrationFolder({ '0000_ships': ships }))
  const counter = await openStatementProxy(rehearsal.urlFor('migrator'))
  await migrate({ urlFor: () => counter.url }, folder)
  const at = counter.statements.findIndex((statement) => statement.includes(mark)) + 1
  const proxy = await openStatementProxy(database.urlFor('migrator'), { at, when: 'after' })
  await failureOf(migrate({ urlFor: () => proxy.url }, folder))
}

describe('a file outside a transaction', () => {
  it('is refused before it runs when a statement of it would happen twice after a kill', async () => {
    const database = await openMigratorDatabase()
    const first = createMigrationFolder({ '0000_ships': ships })
    await migrate(database, first)
    const sql = `${outsideTransaction}UPDATE "ships" SET "masts" = "masts" + 1;${breakpoint}
      CREATE INDEX CONCURRENTLY "ships_masts" ON "ships" ("masts");`

    const failure = await failureOf(
      migrate(database, createMigrationFolder({ '0000_ships': ships, '0001_masts': sql })),
    )

    expect(failure.exit).toBe('usage')
    expect(failure.publicMessage).toContain('0001_masts: statement 2 (line 3) is committed by itself')
    expect(await database.sql`select masts from ships`).toEqual([{ masts: 1 }])
  })

  it('is applied whole after a cut between any two of its statements', async () => {
    const parts = [
      'ALTER TABLE "fleet" DETACH PARTITION "fleet_old" CONCURRENTLY;',
      'CREATE INDEX CONCURRENTLY "ships_masts" ON "ships" ("masts");',
      'ALTER TABLE "ships" ADD COLUMN IF NOT EXISTS "flag" text;',
    ]
    const fleet = `CREATE TABLE "fleet" ("id" integer) PARTITION BY RANGE ("id");${breakpoint}
      CREATE TABLE "fleet_old" PARTITION OF "fleet" FOR VALUES FROM (1) TO (10);`
    const folder = createMigrationFolder({
      '0000_ships': ships,
      '0001_fleet': fleet,
      '0002_parts': `${outsideTransaction}${parts.join(breakpoint)}`,
    })
    for (const mark of ['DETACH PARTITION "fleet_old"', 'INDEX CONCURRENTLY "ships_masts"', '"flag"']) {
      const database = await openMigratorDatabase()
      await migrate(database, createMigrationFolder({ '0000_ships': ships }))
      await cutAfter(database, folder, mark)

      const { result } = await migrate(database, folder)

      expect(result.applied.at(-1), mark).toBe('0002_parts')
      const [state] = await database.sql`
        select (select indisvalid from pg_index where indexrelid = to_regclass('ships_masts')) as is_valid,
               (select count(*)::int from pg_inherits where inhparent = 'fleet'::regclass) as partitions`
      expect(state).toEqual({ is_valid: true, partitions: 0 })
    }
  })

  it('says after a failure what of it is committed', async () => {
    const database = await openMigratorDatabase()
    const sql = `${outsideTransaction}ALTER TABLE "ships" ADD COLUMN IF NOT EXISTS "flag" text;${breakpoint}VACUUM "nowhere";`
    const folder = createMigrationFolder({ '0000_ships': ships, '0001_flag': sql })

    const { hint } = await failureOf(migrate(database, folder))

    expect(hint).toMatch(/^statement 2 of this file is committed and stays?;/)
    expect(await database.sql`select flag from ships`).toEqual([{ flag: null }])
    expect(hint).not.toContain('nothing of this file was kept')
  })
})

describe('a file that was merged late with a reason', () => {
  it('is applied to a database that is there and to one that is made anew', async () => {
    const late = {
      sql: '-- slipway:allow out-of-order: touches no table of 0001_masts\nCREATE TABLE "late" ();',
      when: 1_700_000_000_500,
    }
    const before = { '0000_ships': ships, '0001_masts': 'CREATE TABLE "masts" ();' }
    const [existing, fresh] = [await openMigratorDatabase(), await openMigratorDatabase()]
    await migrate(existing, createMigrationFolder(before))
    const folder = createMigrationFolder({ ...before, '0002_late': late })

    const { result, events } = await migrate(existing, folder)

    expect(result.applied).toEqual(['0002_late'])
    expect(events.find(({ event }) => event === 'warning')).toMatchObject({ code: 'out_of_order' })
    expect((await migrate(fresh, folder)).result.applied).toHaveLength(3)
    const unexplained = createMigrationFolder({ ...before, '0002_late': { ...late, sql: 'SELECT 1;' } })
    const another = await openMigratorDatabase()
    expect((await migrate(another, unexplained)).result.applied).toHaveLength(3)
  })
})
