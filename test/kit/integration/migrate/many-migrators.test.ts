import { describe, expect, it } from 'vitest'
import { repetitions } from '../../support/repetitions.ts'
import { createMigrationFolder, outsideTransaction, writeMigrations } from './support/migration-folder.ts'
import { journalOf, migrate, openMigratorDatabase } from './support/migrator-database.ts'

const rounds = repetitions(3, 10)
const migrators = 6

const accounts = {
  '0000_accounts': `CREATE TABLE "accounts" ("id" integer PRIMARY KEY, "balance" integer NOT NULL);--> statement-breakpoint
    INSERT INTO "accounts" SELECT i, 100 FROM generate_series(1, 50) AS i;`,
}

const kinds = {
  'a fresh database': { before: {}, next: accounts },
  'ADD COLUMN': {
    before: accounts,
    next: { '0001_owner': 'ALTER TABLE "accounts" ADD COLUMN "owner" text;' },
  },
  'a data change': {
    before: accounts,
    next: { '0001_interest': 'UPDATE "accounts" SET "balance" = "balance" + 5;' },
  },
  'a concurrent index': {
    before: accounts,
    next: {
      '0001_index': `${outsideTransaction}CREATE INDEX CONCURRENTLY "accounts_balance" ON "accounts" ("balance");`,
    },
  },
}

describe('six migrators at once', () => {
  it.each(Object.entries(kinds))(
    'apply %s once, round after round',
    { timeout: 120_000 },
    async (kind, { before, next }) => {
      for (let round = 1; round <= rounds; round += 1) {
        const database = await openMigratorDatabase()
        const folder = createMigrationFolder(before)
        await migrate(database, folder)
        writeMigrations(folder, { ...before, ...next })

        const runs = await Promise.all(Array.from({ length: migrators }, () => migrate(database, folder)))

        const journal = await journalOf(database.sql)
        const [sum] = await database.sql`select sum(balance)::int as balance from accounts`
        expect(runs.flatMap((run) => run.result.applied)).toEqual(Object.keys(next))
        expect(new Set(journal.map((row) => row.hash)).size).toBe(journal.length)
        expect(journal).toHaveLength(Object.keys({ ...before, ...next }).length)
        expect(sum).toEqual({ balance: kind === 'a data change' ? 5_250 : 5_000 })
        expect(await database.sql`select from pg_index where not indisvalid`).toHaveLength(0)
      }
    },
  )
})
