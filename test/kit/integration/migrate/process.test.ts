import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { createMigrationFolder, writeMigrations } from './support/migration-folder.ts'
import {
  journalOf,
  migrate,
  openMigratorDatabase,
  type MigratorDatabase,
} from './support/migrator-database.ts'
import { eventsOf, runProcess, startProcess } from './support/run-process.ts'

const ships = { '0000_ships': 'CREATE TABLE "ships" ("id" integer PRIMARY KEY);' }
const masts = { '0001_masts': 'CREATE TABLE "masts" ("id" integer);' }

function envFor(
  database: MigratorDatabase,
  folder: string,
  role: 'migrator' | 'app' | 'monitor' = 'migrator',
) {
  return {
    DATABASE_URL: database.urlFor(role),
    MIGRATE_FOLDER: folder,
  }
}

describe('the migrate process', () => {
  it('ends 0 with one event per line, and 0 again when there is nothing to do', async () => {
    const database = await openMigratorDatabase()
    const env = envFor(database, createMigrationFolder({ ...ships, ...masts }))

    const first = await runProcess([], env)
    const second = await runProcess(['up'], env)

    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(eventsOf(first.stdout).find((event) => event['event'] === 'file_applied')).toMatchObject({
      level: 'info',
      file: '0000_ships',
      position: 1,
      total: 2,
      attempt: 1,
      ms: expect.any(Number) as number,
    })
    expect(second.code).toBe(0)
    expect(eventsOf(second.stdout)).toMatchObject([{ event: 'up_to_date', present: 2 }])
  })

  it('warns of rights that the code needs and the role of the API lacks, and ends 0', async () => {
    const database = await openMigratorDatabase()
    const taken = 'CREATE TABLE "parcels" ("id" integer);REVOKE INSERT ON "parcels" FROM app;'
    const env = envFor(database, createMigrationFolder({ '0000_taken': taken }))

    const { code, stdout } = await runProcess(['up'], env)

    expect(code).toBe(0)
    expect(eventsOf(stdout).at(-1)).toMatchObject({
      level: 'warn',
      code: 'privileges_missing',
      msg: 'the role of the API lacks INSERT on table public.parcels: it will not be ready',
    })
  })

  it('ends 1 on an SQL error', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ '0000_bad': 'CREATE TABEL "ships" ();' })

    const { code, stdout } = await runProcess([], envFor(database, folder))

    expect(code).toBe(1)
    expect(eventsOf(stdout).at(-1)).toMatchObject({
      event: 'failed',
      file: '0000_bad',
      statement: 1,
      sql_state: '42601',
    })
  })

  it.each([
    [['sail'], 'expected a verb (got sail)'],
    [['up', 'down'], 'too many arguments (got down)'],
    [['--fast'], "Unknown option '--fast'"],
    [['baseline'], 'baseline needs --to'],
  ])('ends 2 on %s', async (args, sentence) => {
    const database = await openMigratorDatabase()

    const ended = await runProcess(args, envFor(database, createMigrationFolder(ships)))

    expect(ended.code).toBe(2)
    expect(ended.stdout + ended.stderr).toContain(sentence)
  })

  it('ends 2 on a folder without a journal, a tag that stands twice and a missing file', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ ...ships, ...masts })
    const journal = `${folder}/meta/_journal.json`
    const text = readFileSync(journal, 'utf8')

    const noFolder = await runProcess([], envFor(database, '/nowhere'))
    writeFileSync(journal, text.replace('0001_masts', '0000_ships'))
    const twice = await runProcess([], envFor(database, folder))
    writeFileSync(journal, text)
    rmSync(`${folder}/0001_masts.sql`)
    const noFile = await runProcess([], envFor(database, folder))

    expect([noFolder.code, twice.code, noFile.code]).toEqual([2, 2, 2])
    expect(twice.stdout).toContain('the journal names 0000_ships twice')
    expect(noFile.stdout).toContain('0001_masts.sql')
    expect(await database.sql`select to_regclass('ships') as found`).toEqual([{ found: null }])
  })

  it.each(['wrong-password', 'p%40ss/w?rd', '%zz'])(
    'ends 2 and prints no secret with the password %s',
    async (password) => {
      const database = await openMigratorDatabase()
      const { host } = new URL(database.urlFor('migrator'))
      const url = `postgres://migrator:${password}@${host}/${database.name}`

      const ended = await runProcess([], { DATABASE_URL: url, MIGRATE_FOLDER: createMigrationFolder(ships) })

      expect(ended.code).toBe(2)
      expect(ended.stdout + ended.stderr).not.toContain(password)
      expect(ended.stdout + ended.stderr).not.toContain(decodeURIComponent(password.replace('%zz', 'zz')))
    },
  )

  it('ends 10 on status and plan while something is pending, as a role that can only read', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(ships)
    await migrate(database, folder)
    writeMigrations(folder, { ...ships, ...masts })

    const status = await runProcess(['status', '--json'], envFor(database, folder, 'monitor'))
    const plan = await runProcess(['plan'], envFor(database, folder, 'app'))

    expect(status.code).toBe(10)
    expect(JSON.parse(status.stdout)).toMatchObject({
      exit: 'pending',
      applied: ['0000_ships'],
      pending: ['0001_masts'],
      metrics: { migrations_applied: 1, migrations_pending: 1 },
    })
    expect(plan.code).toBe(10)
    expect(plan.stdout).toContain('CREATE TABLE "masts"')
    expect(await journalOf(database.sql)).toHaveLength(1)
  })

  it('prints key=value lines alone on standard output with status --porcelain', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({ ...ships, ...masts })

    const pending = await runProcess(['status', '--porcelain'], envFor(database, folder, 'monitor'))
    await migrate(database, folder)
    const changed = createMigrationFolder({ '0000_ships': 'SELECT 1;', ...masts })
    const edited = await runProcess(['status', '--porcelain'], envFor(database, changed))
    const none = await runProcess(['plan', '--porcelain'], envFor(database, folder))

    expect(pending).toMatchObject({
      code: 10,
      stdout: 'pending=0000_ships\npending=0001_masts\n',
      stderr: '',
    })
    expect(edited).toMatchObject({
      code: 11,
      stdout: '',
      stderr: expect.stringMatching(/^error: /) as string,
    })
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Unknown option '--porcelain'") as string,
    })
  })

  it('creates nothing on status', async () => {
    const database = await openMigratorDatabase()

    const { code } = await runProcess(['status'], envFor(database, createMigrationFolder(ships)))

    expect(code).toBe(10)
    expect(await database.sql`select to_regclass('drizzle.__drizzle_migrations') as found`).toEqual([
      { found: null },
    ])
  })

  it('ends 11 on an edited file, also when nothing is pending', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder(ships)
    await migrate(database, folder)
    writeMigrations(folder, { '0000_ships': `${ships['0000_ships']} -- harmless` })

    const { code, stdout } = await runProcess([], envFor(database, folder))

    expect(code).toBe(11)
    expect(eventsOf(stdout).at(-1)).toMatchObject({ msg: '0000_ships was edited after it was applied' })
  })

  it('warns and ends 0 on a file that differs in line endings only', async () => {
    const database = await openMigratorDatabase()
    const two = 'CREATE TABLE "ships" (\n"id" integer\n);\n'
    const folder = createMigrationFolder({ '0000_ships': two })
    await migrate(database, folder)
    writeMigrations(folder, { '0000_ships': two.replaceAll('\n', '\r\n') })

    const { code, stdout } = await runProcess([], envFor(database, folder))

    expect(code).toBe(0)
    expect(eventsOf(stdout)[0]).toMatchObject({ event: 'warning', code: 'line_endings', file: '0000_ships' })
  })

  it('ends 12 on a file that was merged late, and applies it on request', async () => {
    const database = await openMigratorDatabase()
    const late = { '0001_late': { sql: 'CREATE TABLE "late" ();', when: 1_700_000_000_500 } }
    const last = { '0002_masts': { sql: masts['0001_masts'], when: 1_700_000_001_000 } }
    const folder = createMigrationFolder({ ...ships, ...last })
    await migrate(database, folder)
    writeMigrations(folder, { ...ships, ...late, ...last })

    const refused = await runProcess([], envFor(database, folder))
    const allowed = await runProcess(['up', '--allow-out-of-order'], envFor(database, folder))

    expect(refused.code).toBe(12)
    expect(allowed.code).toBe(0)
    expect(await database.sql`select to_regclass('late')::text as found`).toEqual([{ found: 'late' }])
  })

  it('ends 12 on a file that is dated in the future', async () => {
    const database = await openMigratorDatabase()
    const folder = createMigrationFolder({
      '0000_ships': { sql: ships['0000_ships'], when: Date.now() + 86_400_000 },
    })

    const { code, stdout } = await runProcess([], envFor(database, folder))

    expect(code).toBe(12)
    expect(stdout).toContain('dated in the future')
  })

  it('ends 20 when another process keeps the lock, and names it', async () => {
    const database = await openMigratorDatabase()
    const env = { ...envFor(database, createMigrationFolder(ships)), MIGRATE_LOCK_WAIT_MS: '1500' }
    await database.admin.begin(async (holder) => {
      await holder`set local application_name = 'nightly dump'`
      await holder`select pg_advisory_xact_lock(${0x736c6970}::int, 1)`

      const { code, stdout } = await runProcess([], env)

      expect(code).toBe(20)
      expect(eventsOf(stdout).find((event) => event['event'] === 'lock_wait')).toMatchObject({
        holder_application: 'nightly dump',
      })
      expect(eventsOf(stdout).at(-1)?.['msg']).toContain('nightly dump')
    })
  })

  it('ends 22 when the database is away, and waits for it as long as it is told', async () => {
    const env = {
      DATABASE_URL: 'postgres://migrator:hidden-secret@127.0.0.1:1/x',
      MIGRATE_FOLDER: createMigrationFolder(ships),
      MIGRATE_CONNECT_WAIT_MS: '700',
    }
    const startedAt = performance.now()

    const { code, stdout, stderr } = await runProcess([], env)

    expect(code).toBe(22)
    expect(performance.now() - startedAt).toBeGreaterThan(700)
    expect(eventsOf(stdout)[0]).toMatchObject({ event: 'waiting_for_database', sql_state: 'ECONNREFUSED' })
    expect(stdout + stderr).not.toContain('hidden-secret')
  })

  it('ends 143 within 5 s of SIGTERM, rolls back and frees the lock', async () => {
    const database = await openMigratorDatabase()
    const slow = 'CREATE TABLE "ships" ();--> statement-breakpoint\nSELECT pg_sleep(60);'
    const folder = createMigrationFolder({ '0000_slow': slow })
    const { child, ended, stdout } = startProcess([], envFor(database, folder))
    const atWork = () => database.admin`
      select from pg_stat_activity where datname = ${database.name} and wait_event = 'PgSleep'`
    await until('the slow statement', async () => (await atWork()).length > 0)

    const killedAt = performance.now()
    child.kill('SIGTERM')
    const { code } = await ended

    expect(code).toBe(143)
    expect(performance.now() - killedAt).toBeLessThan(5_000)
    expect(eventsOf(stdout()).at(-1)).toMatchObject({ event: 'failed', exit: 'terminated' })
    expect(await database.sql`select to_regclass('ships') as found`).toEqual([{ found: null }])
    expect(
      await database.sql`select from pg_locks where locktype = 'advisory'
      and database = (select oid from pg_database where datname = current_database())`,
    ).toHaveLength(0)
  })

  it('ends 143 while it waits for the database', async () => {
    const { child, ended, stdout } = startProcess([], {
      DATABASE_URL: 'postgres://migrator:x@127.0.0.1:1/x',
      MIGRATE_FOLDER: createMigrationFolder(ships),
    })
    await until('the first attempt', () => stdout().includes('waiting_for_database'))

    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 143 })
  })
})
