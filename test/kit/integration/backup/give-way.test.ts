import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { MigrateEvent } from '../../../../src/kit/migrate/event.ts'
import { runMigrations } from '../../../../src/kit/migrate/run-migrations.ts'
import { createBackup, type BackupSettings } from '../../../../src/kit/backup/portable/create-backup.ts'
import { isBackupName } from '../../../../src/kit/backup/portable/backup-name.ts'
import { parseSchedule } from '../../../../src/kit/backup/jobs/cron-due.ts'
import { createDumpJob } from '../../../../src/kit/backup/schedule/dump-job.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { until } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'
import { runLimits } from '../../support/run-limits.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

/** Compresses so hard that the dump of the table below takes many seconds; everything else is the real pg_dump. */
const slowDump = `set -- $(printf '%s\\n' "$@" | sed 's/zstd:1/gzip:9/')\nexec "$real/pg_dump" "$@"`
const longLockTimeoutMs = 60_000

describe.skipIf(postgresTools === undefined)('a dump and a migration that waits', () => {
  let server: ToolsServer
  let url: (role: AnyRole) => string
  let folder: string
  let number = 0

  const settingsWith = (programs: string): BackupSettings => ({
    database: { ...databaseSettings, url: url('backup'), applicationName: 'test-dump' },
    backupsFolder: folder,
    programs: { folder: programs, searchPath: process.env['PATH'] ?? '' },
    slipwayVersion: '0.1.0',
    lockTimeoutMs: longLockTimeoutMs,
    hashBudgetMs: 1_000,
    encryption: { isOn: false, recipientsFile: '', identityFile: '', searchPath: '' },
    keep: { hourly: 24, daily: 7, weekly: 5, monthly: 12 },
  })
  const slowTools = () =>
    makeFakeTools(server.tools, { pg_dump: exceptVersion('pg_dump', slowDump) }).then(settingsWith)

  const startScheduled = (settings: BackupSettings) => {
    const stop = new AbortController()
    const job = createDumpJob(settings, { schedule: parseSchedule('7 * * * *'), offsetMs: 0 })
    const ended = job.run(stop.signal).then(
      () => 'done',
      (err: unknown) => err,
    )
    return { stop, ended }
  }

  /** The migrations of the repository and one more, which needs the table that is being dumped for itself. */
  const migrate = async (before = ''): Promise<{ ms: number; events: MigrateEvent[] }> => {
    const migrations = await mkdtemp(join(tmpdir(), 'slipway-migrations-'))
    onTestFinished(() => rm(migrations, { recursive: true, force: true }))
    await cp('migrations', migrations, { recursive: true })
    const journalFile = join(migrations, 'meta', '_journal.json')
    const journal = JSON.parse(await readFile(journalFile, 'utf8')) as { entries: { when: number }[] }
    number += 1
    const tag = `9999_column_${number}`
    const when = (journal.entries.at(-1)?.when ?? 0) + number
    journal.entries.push({ ...journal.entries.at(-1), tag, when, idx: journal.entries.length } as never)
    await writeFile(journalFile, JSON.stringify(journal))
    await writeFile(
      join(migrations, `${tag}.sql`),
      `${before}ALTER TABLE "big" ADD COLUMN "c${number}" integer;`,
    )
    const events: MigrateEvent[] = []
    const begin = performance.now()
    const report = (event: MigrateEvent): void => void events.push(event)
    await runMigrations({ ...runLimits, url: url('migrator'), folder: migrations, report })
    return { ms: performance.now() - begin, events }
  }

  const sessionsOf = async (application: string, condition: string): Promise<number> => {
    const client = openClient(url('postgres'))
    const [row] = await client.unsafe<{ count: number }[]>(
      `select count(*)::int as count from pg_stat_activity where application_name = '${application}' and ${condition}`,
    )
    await client.end()
    return row?.count ?? 0
  }
  const untilDumping = (): Promise<void> =>
    until('pg_dump reads the table', async () => (await sessionsOf('test-dump', `query like 'COPY%'`)) > 0)
  const entries = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name !== 'state')

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = await server.createDatabase('giving_way')
    const owner = openClient(url('migrator'))
    await owner.unsafe(
      'create table big as select n, md5(n::text) || md5((n + 1)::text) as text from generate_series(1, 1500000) n',
    )
    await owner.end()
  }, 60_000)
  afterAll(() => server.close())
  beforeEach(async () => {
    // A dump that was stopped holds its lock until the server has noticed.
    await until('the dump before has ended', async () => (await sessionsOf('test-dump', 'true')) === 0)
    folder = await mkdtemp(join(tmpdir(), 'slipway-giving-way-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('the scheduled one gives way within seconds, leaves nothing, and says so', async () => {
    const { ended } = startScheduled(await slowTools())
    await untilDumping()

    const migration = await migrate()

    expect(migration.ms).toBeLessThan(5_000)
    expect(await ended).toMatchObject({
      exit: 'busy',
      publicMessage: 'a migration waits for the lock, and a scheduled backup gives way to it',
    })
    expect(await entries()).toEqual([])
    process.stdout.write(`a migration got through a long scheduled dump in ${Math.round(migration.ms)} ms\n`)
  })

  it('the scheduled one gives way also while it counts, and its session ends on the server', async () => {
    const blocker = openClient(url('migrator'))
    await blocker`begin`
    await blocker`lock table big in access exclusive mode`
    const { ended } = startScheduled(settingsWith(server.tools))
    await until(
      'it waits for the table',
      async () => (await sessionsOf('test-dump', `wait_event_type = 'Lock'`)) > 0,
    )

    const migrating = migrate()

    expect(await ended).toMatchObject({ exit: 'busy' })
    await until('no session is left', async () => (await sessionsOf('test-dump', 'true')) === 0, 5_000)
    await blocker`rollback`
    await blocker.end()
    await migrating
  })

  it('one that was asked for does not give way: the migration waits until it is done', async () => {
    const backup = createBackup(await slowTools(), { reason: 'before_migration' })
    await untilDumping()

    const [{ manifest }, migration] = await Promise.all([backup, migrate()])

    expect((await entries()).filter(isBackupName)).toEqual([manifest.name])
    expect(migration.events.map(({ event }) => event)).toContain('lock_wait')
  }, 90_000)

  it('the scheduled one runs to its end when nobody waits', async () => {
    const { ended } = startScheduled(settingsWith(server.tools))

    expect(await ended).toBe('done')
  })

  it('the scheduled one that is told to stop says that, and not that it gave way', async () => {
    const { stop, ended } = startScheduled(await slowTools())
    await untilDumping()

    stop.abort()

    expect(await ended).toMatchObject({ name: 'AbortError' })
    expect(await entries()).toEqual([])
  })

  it('a migration that has the lock announces no longer that it waits', async () => {
    const { ended } = startScheduled(await slowTools())
    await untilDumping()

    await migrate(`DO $$ BEGIN
      ASSERT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') = 1, 'more than the lock itself';
    END $$;--> statement-breakpoint
    `)

    expect(await ended).toMatchObject({ exit: 'busy' })
  })
})
