import { setTimeout as sleep } from 'node:timers/promises'
import postgres, { type Sql } from 'postgres'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMigrationFolder, outsideTransaction, writeMigrations } from './support/migration-folder.ts'
import {
  journalOf,
  migrate,
  openMigratorDatabase,
  type MigratorDatabase,
} from './support/migrator-database.ts'

const ships = { '0000_ships': 'CREATE TABLE "ships" ("id" integer PRIMARY KEY, "name" text);' }
const masts = { ...ships, '0001_masts': 'ALTER TABLE "ships" ADD COLUMN "masts" integer DEFAULT 3 NOT NULL;' }

function openClient(database: MigratorDatabase, name: string): Sql {
  const sql = postgres(database.urlFor('app'), { max: 1, connection: { application_name: name } })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

/** Holds a read lock on ships in an open transaction until the returned function is called. */
async function holdReader(database: MigratorDatabase): Promise<() => Promise<void>> {
  const sql = openClient(database, 'long report')
  await sql`begin`
  await sql`select count(*) from ships`
  return async () => {
    await sql`commit`
  }
}

/** Reads every 20 ms until stopped; resolves to the longest wait. */
function readAlong(database: MigratorDatabase): () => Promise<{ longestMs: number; reads: number }> {
  const sql = openClient(database, 'reader')
  const stop = new AbortController()
  const loop = (async () => {
    let longestMs = 0
    let reads = 0
    while (!stop.signal.aborted) {
      const startedAt = performance.now()
      await sql`select id from ships limit 1`
      longestMs = Math.max(longestMs, performance.now() - startedAt)
      reads += 1
      await sleep(20)
    }
    return { longestMs, reads }
  })()
  return () => {
    stop.abort()
    return loop
  }
}

async function prepare() {
  const database = await openMigratorDatabase()
  const folder = createMigrationFolder(ships)
  await migrate(database, folder)
  return { database, folder }
}

describe('a reader in the way of a migration', () => {
  it(
    'delays it for 5 s, and no other reader waits longer than lock_timeout',
    { timeout: 60_000 },
    async () => {
      const { database, folder } = await prepare()
      writeMigrations(folder, masts)
      const release = await holdReader(database)
      const stopReading = readAlong(database)

      const run = migrate(database, folder)
      await sleep(5_000)
      await release()
      const { result, events } = await run
      const { longestMs, reads } = await stopReading()

      expect(result.applied).toEqual(['0001_masts'])
      expect(longestMs).toBeLessThan(600)
      expect(reads).toBeGreaterThan(50)
      const retry = events.find((event) => event.event === 'lock_retry')
      expect(retry).toMatchObject({ file: '0001_masts', statement: 1, attempt: 1, sql_state: '55P03' })
      expect(retry?.['blockers']).toMatchObject([{ application: 'long report', role: 'app' }])
    },
  )

  it('that never ends makes the run give up within its budget, with nothing applied and no SQL shown', async () => {
    const { database, folder } = await prepare()
    writeMigrations(folder, masts)
    const release = await holdReader(database)
    const startedAt = performance.now()

    const failure: unknown = await migrate(database, folder, { lockBudgetMs: 3_000 }).catch(
      (err: unknown) => err,
    )

    expect(performance.now() - startedAt).toBeLessThan(3_600)
    expect(failure).toMatchObject({
      exit: 'lock_budget_spent',
      fields: { file: '0001_masts', sql_state: '55P03' },
    })
    expect(failure).toMatchObject({ publicMessage: expect.stringContaining('(long report, app') as string })
    expect(JSON.stringify(failure)).not.toContain('select count')
    expect(await journalOf(database.sql)).toHaveLength(1)
    const columns = database.sql`select from information_schema.columns where table_name = 'ships'`
    expect(await columns).toHaveLength(2)
    await release()
  })

  it('of a concurrent index is waited for in one go, without rebuilding twice a second', async () => {
    const { database, folder } = await prepare()
    const index = `${outsideTransaction}CREATE INDEX CONCURRENTLY "ships_name" ON "ships" ("name");`
    writeMigrations(folder, { ...ships, '0001_index': index })
    const release = await holdReader(database)

    const run = migrate(database, folder)
    await sleep(1_500)
    await release()
    const { events } = await run

    expect(events.filter((event) => event.event === 'lock_retry')).toEqual([])
    expect(await database.sql`select from pg_indexes where indexname = 'ships_name'`).toHaveLength(1)
  })
})
