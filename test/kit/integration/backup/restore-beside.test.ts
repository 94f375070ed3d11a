import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { advisoryLock } from '../../../../src/kit/postgres/lock-ids.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { backedUpNotes, openRestoreStage, type RestoreStage } from './restore-stage.ts'
import { runCli, startCli, until, untilFile } from './run-cli.ts'

const beforeRestore = [`💾 50% 'q'`, 'tab\there', 'later']

/** Columns that need a type and a function, a foreign key to a table that stays empty, a trigger, a partition. */
async function prepare(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create type mood as enum ('calm', 'it''s 💥');
    create function next_label() returns text language sql as $$ select 'label' $$;
    create table parent (id int primary key);
    create table child (
      id int primary key, parent_id int references parent, mood mood, label text default next_label(),
      doubled int generated always as (id * 2) stored);
    create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
    insert into parent values (1), (2);
    insert into child select n, 1 + n % 2, 'it''s 💥' from generate_series(1, 500) n;
    create trigger refuse before insert on child execute function refuse();
    create table parted (day int) partition by range (day);
    create table "parted.1" partition of parted for values from (0) to (10);
    insert into parted select n from generate_series(0, 9) n;
    select lo_from_bytea(4242, 'large');
    grant select on large object 4242 to backup`)
}

describe.skipIf(postgresTools === undefined)('backup restore beside the live database', () => {
  let stage: RestoreStage
  let work: string

  const databases = async (): Promise<string[]> =>
    (await stage.admin<{ name: string }[]>`select datname as name from pg_database order by 1`).map(
      ({ name }) => name,
    )
  const drop = (name: string) => stage.admin.unsafe(`drop database if exists "${name}" with (force)`)
  const count = async (database: string, table: string): Promise<number> =>
    stage.inDatabase('migrator', database, async (sql) => {
      const [row] = await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table}`)
      return row?.n ?? -1
    })

  beforeAll(async () => {
    stage = await openRestoreStage(postgresTools ?? '', { databaseName: 'live', prepare })
  })
  afterAll(() => stage.close())
  beforeEach(async () => {
    await stage.makeLive()
    work = await mkdtemp(join(tmpdir(), 'slipway-beside-'))
  })
  afterEach(async () => {
    await stage.dropAll()
    await rm(work, { recursive: true, force: true })
  })

  it('leaves a whole database under the given name and touches no other', async () => {
    const ended = await stage.restore(['--into', 'old "news"'])

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes('old "news"')).toEqual(backedUpNotes)
    expect(await count('old "news"', 'child')).toBe(500)
    expect(await stage.notes()).toEqual(beforeRestore)
    expect(await stage.others()).toEqual([])
    await stage.admin.unsafe('drop database "old ""news"""')
  })

  it('lets nobody in but its owner and the superuser, and says so', async () => {
    const ended = await stage.restore(['--into', 'beside'])

    expect(ended.stdout).toContain('the API cannot reach it')
    await expect(stage.inDatabase('app', 'beside', (sql) => sql`select 1`)).rejects.toMatchObject({
      code: '42501',
    })
    await drop('beside')
  })

  it.each(['live', 'postgres', 'template1', 'prepared'])(
    'refuses the name of %s, which exists',
    async (name) => {
      const before = await databases()

      const ended = await stage.restore(['--into', name])

      expect(ended).toMatchObject({
        code: 54,
        stderr: expect.stringContaining(`there is a database '${name}' already`) as string,
      })
      expect(await databases()).toEqual(before)
      expect(await stage.notes()).toEqual(beforeRestore)
    },
  )

  it('refuses a name that PostgreSQL would cut', async () => {
    expect(await stage.restore(['--into', 'é'.repeat(32)])).toMatchObject({
      code: 54,
      stderr: expect.stringContaining('1 to 63 bytes (got 64)') as string,
    })
  })

  it('runs beside a migration, which it does not concern', async () => {
    await stage.inLive('migrator', async (migration) => {
      await migration`select pg_advisory_lock(${advisoryLock.classId}, ${advisoryLock.objectId})`

      expect(await stage.restore(['--into', 'beside'])).toMatchObject({ code: 0 })
    })
    await drop('beside')
  })

  it('refuses to run beside another restore, which would take its work for a leftover', async () => {
    const marker = join(work, 'restoring')
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nwhile [ -e '${marker}' ]; do sleep 0.05; done\nexec "$real/pg_restore" "$@"`,
      ),
    })
    const first = startCli(
      ['restore', '--from', stage.backup, '--into', 'beside'],
      stage.settings('migrator', { BACKUP_PG_BIN: tools, TMPDIR: work }),
    )
    await untilFile(marker)

    const second = await stage.restore()
    await rm(marker)

    expect(second).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('another restore is running') as string,
    })
    expect(await first.ended).toMatchObject({ code: 0 })
    await drop('beside')
  })

  it('has nothing under the name when it is killed, and the next restore sweeps what is left', async () => {
    const marker = join(work, 'restoring')
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nexec sleep 20 >/dev/null 2>&1`,
      ),
    })
    const { child } = startCli(
      ['restore', '--from', stage.backup, '--into', 'beside'],
      stage.settings('migrator', { BACKUP_PG_BIN: tools, TMPDIR: work }),
    )
    await untilFile(marker)
    child.kill('SIGKILL')
    await until('the process is gone', () => child.signalCode === 'SIGKILL')

    expect(await databases()).not.toContain('beside')
    expect(await stage.others()).toEqual([expect.stringMatching(/^live_restore_/)])
    await until('the lock is free', async () => (await stage.restore(['--into', 'beside'])).code === 0)
    expect(await stage.others()).toEqual([])
    await drop('beside')
  })

  describe('of one table', () => {
    it('fetches its rows in the whole structure, and no others', async () => {
      const ended = await stage.restore(['--table', 'public.child', '--into', 'one'])

      expect(ended).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('500 rows compared with the manifest') as string,
      })
      expect(await count('one', 'child')).toBe(500)
      expect([await count('one', 'parent'), await count('one', 'parted')]).toEqual([0, 0])
      expect(await count('one', `pg_largeobject_metadata`)).toBe(0)
      await drop('one')
    })

    it('is named after the live database and the time when no name is given', async () => {
      const ended = await stage.restore(['--table', 'child'])

      const [made = ''] = await stage.others()
      expect(made).toMatch(/^live_table_\d{8}t\d{6}z$/)
      expect(ended.stdout).toContain(`into database ${made}`)
      expect(await stage.notes()).toEqual(beforeRestore)
    })

    it('prints how its rows come back, and what it prints puts back the missing ones alone', async () => {
      await stage.inLive('postgres', async (sql) => {
        await sql`delete from child where id > 490`
        await sql`update child set label = 'changed since' where id = 1`
      })
      const ended = await stage.restore(['--table', 'public.child', '--into', `it's one`])

      const command = /to put rows that are missing.*\n(.*\n.*)/.exec(ended.stdout)?.[1] ?? ''
      const url = new URL(stage.server.urlFor('postgres', 'postgres'))
      const ran = spawnSync(
        'bash',
        [
          '--norc',
          '-o',
          'pipefail',
          '-c',
          command.replaceAll('docker compose -f compose.prod.yaml exec -T db ', ''),
        ],
        {
          encoding: 'utf8',
          env: {
            PATH: `${stage.server.tools}:${process.env['PATH'] ?? ''}`,
            PGHOST: '127.0.0.1',
            PGPORT: url.port,
            PGPASSWORD: decodeURIComponent(url.password),
            // The trigger of the live table refuses every insert; that is for its owner to say.
            PGOPTIONS: '-c session_replication_role=replica',
          },
        },
      )

      expect(ran).toMatchObject({ status: 0, stderr: '' })
      await stage.inLive('app', async (sql) => {
        expect(
          await sql`select count(*)::int as n, count(*) filter (where label = 'changed since')::int as changed
          from child`,
        ).toEqual([{ n: 500, changed: 1 }])
      })
      await drop(`it's one`)
    })

    it('fetches a partition whose name holds a dot', async () => {
      const ended = await stage.restore(['--table', 'public.parted.1', '--into', 'one'])

      expect(ended).toMatchObject({ code: 0 })
      expect(await count('one', 'parted')).toBe(10)
      await drop('one')
    })

    it.each(['public.nowhere', 'parted', 'child"; drop'])('says that there is no table %s', async (table) => {
      const before = await databases()

      const ended = await stage.restore(['--table', table])

      expect(ended).toMatchObject({ code: 53, stderr: expect.stringContaining('holds no table') as string })
      expect(await databases()).toEqual(before)
    })

    it('finds that a row is missing although pg_restore said all was well', async () => {
      const tools = await makeFakeTools(stage.server.tools, {
        pg_restore: exceptVersion(
          'pg_restore',
          'case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\nexec "$real/pg_restore" --schema-only "$@"',
        ),
      })

      const ended = await runCli(
        ['restore', '--from', stage.backup, '--table', 'child', '--into', 'one'],
        stage.settings('migrator', { BACKUP_PG_BIN: tools }),
      )

      expect(ended).toMatchObject({
        code: 50,
        stderr: expect.stringContaining('has 0 rows instead of 500') as string,
      })
      expect(await databases()).not.toContain('one')
    })
  })
})
