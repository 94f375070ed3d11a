import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bundleOf } from '../../support/bundles.ts'
import { until } from '../../support/until.ts'
import { type MigratorDatabase, openMigratorDatabase } from './support/migrator-database.ts'
import { eventsOf } from './support/run-process.ts'

function backfillFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, `${name}.sql`), sql)
  return folder
}

interface Run {
  child: ChildProcess
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>
  stdout: () => string
}

function start(database: MigratorDatabase, folder: string, ...args: string[]): Run {
  const env = { DATABASE_URL: database.urlFor('migrator') }
  const child = spawn(process.execPath, [bundleOf('backfill'), ...args, '--folder', folder, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, ended, stdout: () => stdout }
}

function run(database: MigratorDatabase, folder: string, ...args: string[]) {
  return start(database, folder, ...args).ended
}

function progressOf(stdout: string) {
  return eventsOf(stdout).filter(({ event }) => event === 'backfill_progress')
}

function createTrips(sql: Sql, rows: number) {
  return sql.unsafe(`create table trips (id uuid primary key, title text not null, slug text, touched int not null default 0);
    insert into trips (id, title) select md5(i::text)::uuid, 'Trip ' || i from generate_series(1, ${rows}) as i; analyze trips`)
}

const fillSlugs = 'UPDATE trips SET slug = lower(title), touched = touched + 1 WHERE slug IS NULL'
/** Not settled by its own change: only the recorded key keeps it from doing a row twice. */
const countTouches = 'UPDATE trips SET touched = touched + 1 WHERE touched < 5'

async function touches(sql: Sql) {
  return sql<{ touched: number; rows: number }[]>`
  select touched, count(*)::int as rows from trips group by touched order by touched`.then((rows) => [
    ...rows,
  ])
}

describe('backfill', () => {
  test('changes every row once, in transactions of the asked size, and has nothing to do afterwards', async () => {
    const database = await openMigratorDatabase()
    await createTrips(database.sql, 4_500)
    const folder = backfillFolder({ '0001_slugs': fillSlugs })

    const first = await run(database, folder, 'run', '--batch', '2000', '--pause-ms', '0')
    const second = await run(database, folder, 'run')

    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(progressOf(first.stdout).map(({ passed }) => passed)).toEqual([2_000, 4_000, 4_500])
    expect(await touches(database.sql)).toEqual([{ touched: 1, rows: 4_500 }])
    expect(second.code).toBe(0)
    expect(eventsOf(second.stdout)).toMatchObject([{ event: 'backfill_present' }])
  })

  test('stops after the batch at work on SIGTERM and goes on from there', async () => {
    const database = await openMigratorDatabase()
    await createTrips(database.sql, 3_000)
    const folder = backfillFolder({ counted: countTouches })
    const first = start(database, folder, 'run', '--batch', '1000', '--pause-ms', '60000')
    await until('the first batch', () => progressOf(first.stdout()).length > 0, { explain: first.stdout })

    first.child.kill('SIGTERM')
    const stopped = await first.ended
    const halfway = await touches(database.sql)
    const second = await run(database, folder, 'run', '--batch', '1000', '--pause-ms', '0')

    expect(stopped.code).toBe(143)
    expect(halfway).toEqual([
      { touched: 0, rows: 2_000 },
      { touched: 1, rows: 1_000 },
    ])
    expect(eventsOf(second.stdout)[0]).toMatchObject({ event: 'backfill_begin', passed: 1_000 })
    expect(await touches(database.sql)).toEqual([{ touched: 1, rows: 3_000 }])
    expect(second.code).toBe(10)
    expect(second.stderr).toContain('rows remain')
  })

  test('does no row twice and leaves none out after kill -9 at any moment', async () => {
    const database = await openMigratorDatabase()
    await createTrips(database.sql, 3_000)
    const folder = backfillFolder({ counted: countTouches })

    for (const batches of [1, 4, 2]) {
      const killed = start(database, folder, 'run', '--batch', '100', '--pause-ms', '5')
      await until('some batches', () => progressOf(killed.stdout()).length >= batches, {
        explain: killed.stdout,
      })
      killed.child.kill('SIGKILL')
      await killed.ended
    }
    const last = await until('the lock of the killed run to be free', async () => {
      const ended = await run(database, folder, 'run', '--batch', '1000', '--pause-ms', '0')
      return ended.code === 20 ? undefined : ended
    })

    expect(last.code).toBe(10)
    expect(await touches(database.sql)).toEqual([{ touched: 1, rows: 3_000 }])
  })

  test('refuses a second run of the same name, and a file that has changed since it began', async () => {
    const database = await openMigratorDatabase()
    await createTrips(database.sql, 2_000)
    const folder = backfillFolder({ slugs: fillSlugs })
    const first = start(database, folder, 'run', '--batch', '500', '--pause-ms', '60000')
    await until('the first batch', () => progressOf(first.stdout()).length > 0, { explain: first.stdout })

    const second = await run(database, folder, 'run')
    first.child.kill('SIGTERM')
    await first.ended
    const changed = backfillFolder({ slugs: fillSlugs.replace('lower', 'upper') })
    const third = await run(database, changed, 'run')
    const again = await run(database, changed, 'run', 'slugs', '--restart', '--pause-ms', '0')

    expect(second).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('another process runs') as string,
    })
    expect(third).toMatchObject({
      code: 11,
      stderr: expect.stringContaining('was changed after it had begun') as string,
    })
    expect(again.code).toBe(0)
    expect(await touches(database.sql)).toEqual([{ touched: 1, rows: 2_000 }])
  })

  test('walks along keys of several columns, hostile names and hostile values', async () => {
    const database = await openMigratorDatabase()
    await database.sql
      .unsafe(`create schema "it's"; create table "it's"."Odd table" ("the key" text, n int, done boolean, primary key (n, "the key"));
      insert into "it's"."Odd table" select 'it''s "' || i || E'\\\\ 🚢', i % 7, null from generate_series(1, 1000) as i`)
    const sql = `UPDATE "it's"."Odd table" o SET done = true WHERE o.done IS NULL AND o.n <> 3 -- but three`

    const ended = await run(database, backfillFolder({ odd: sql }), 'run', '--batch', '99', '--pause-ms', '0')

    const rows =
      await database.sql`select done, count(*)::int as rows, bool_or(n = 3) as three from "it's"."Odd table" group by done`
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect([...rows].sort((a, b) => Number(a['rows']) - Number(b['rows']))).toEqual([
      { done: null, rows: 143, three: true },
      { done: true, rows: 857, three: false },
    ])
  })

  test('waits for rows that a request holds and changes them then', async () => {
    const database = await openMigratorDatabase()
    await createTrips(database.sql, 100)
    const holder = await database.admin.reserve()
    await holder.unsafe('begin; select from trips for update')
    const running = start(database, backfillFolder({ slugs: fillSlugs }), 'run', '--pause-ms', '0')

    await until('a retry', () => running.stdout().includes('"sql_state":"55P03"'), {
      explain: running.stdout,
    })
    await holder.unsafe('rollback')
    holder.release()
    const ended = await running.ended

    expect(ended.code).toBe(0)
    expect(await touches(database.sql)).toEqual([{ touched: 1, rows: 100 }])
  })

  test('fails with the SQLSTATE, keeps earlier batches, and finishes once the cause is gone', async () => {
    const database = await openMigratorDatabase()
    await database.sql.unsafe(`create table t (id int primary key, n int, half int);
      insert into t select i, case when i = 250 then 0 else 1 end from generate_series(1, 300) as i`)
    const folder = backfillFolder({ half: 'UPDATE t SET half = 100 / n WHERE half IS NULL' })

    const failed = await run(database, folder, 'run', '--batch', '100', '--pause-ms', '0')
    await database.sql`update t set n = 1`
    const status = await run(database, folder, 'status')
    const ended = await run(database, folder, 'run', '--batch', '100', '--pause-ms', '0')

    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('SQLSTATE 22012') as string })
    expect(JSON.parse(status.stdout)).toEqual({
      backfill: 'half',
      state: 'unfinished',
      passed: 200,
      changed: 200,
    })
    expect(ended.code).toBe(0)
  })

  test('says what is wrong with its arguments, its folder and its table', async () => {
    const database = await openMigratorDatabase()
    const folder = backfillFolder({ gone: 'DELETE FROM nowhere WHERE id = 1' })

    expect((await run(database, folder, 'run', '--batch', '5001')).code).toBe(2)
    expect((await run(database, folder, 'run', 'other')).stderr).toContain('expected one of: gone')
    expect(await run(database, folder, 'run')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('nowhere does not exist or has no primary key') as string,
    })
    expect((await run(database, join(folder, 'none'), 'run')).stderr).toContain('cannot be read')
  })
})
