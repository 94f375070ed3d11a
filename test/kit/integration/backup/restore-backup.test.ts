import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { advisoryLock } from '../../../../src/kit/postgres/lock-ids.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { hammer } from './hammer.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli, startCli, until, untilFile } from './run-cli.ts'
import { backedUpNotes, openRestoreStage, tableName, type RestoreStage } from './restore-stage.ts'

/** What the catalog says about rights, owners, settings and objects; equal before and after. */
async function catalogOf(sql: Sql): Promise<unknown> {
  return {
    database:
      await sql`select pg_get_userbyid(datdba) as owner, encoding, datcollate, datctype, datlocprovider, datconnlimit,
    (select array_agg(a::text order by a::text) from unnest(datacl) a) as acl, shobj_description(oid, 'pg_database') as comment
    from pg_database where datname = current_database()`,
    settings:
      await sql`select unnest(setconfig) as setting from pg_db_role_setting s join pg_database d on d.oid = setdatabase
    where datname = current_database() and setrole = 0 order by 1`,
    schemas:
      await sql`select nspname, pg_get_userbyid(nspowner) as owner, (select array_agg(a::text order by a::text) from unnest(nspacl) a) as acl
    from pg_namespace where nspname !~ '^pg_' order by 1`,
    relations: await sql`select n.nspname, relname, relkind, pg_get_userbyid(relowner) as owner,
    (select array_agg(a::text order by a::text) from unnest(relacl) a) as acl
    from pg_class c join pg_namespace n on n.oid = relnamespace where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1, 2`,
    constraints:
      await sql`select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) as definition from pg_constraint
    where connamespace::regnamespace::text !~ '^(pg_|information_schema)' order by 1, 2`,
    defaults:
      await sql`select pg_get_userbyid(defaclrole) as role, defaclnamespace::regnamespace::text as schema, defaclobjtype,
    (select array_agg(a::text order by a::text) from unnest(defaclacl) a) as acl from pg_default_acl order by 1, 2, 3`,
  }
}

describe.skipIf(postgresTools === undefined)('backup restore', () => {
  let stage: RestoreStage
  let work: string
  let admin: Sql

  const catalogBefore = async (): Promise<unknown> => stage.inLive('postgres', catalogOf)

  beforeAll(async () => {
    stage = await openRestoreStage(postgresTools ?? '', { databaseName: `re st="ore" %'é` })
    admin = stage.admin
  })
  afterAll(() => stage.close())
  beforeEach(async () => {
    await stage.makeLive()
    work = await mkdtemp(join(tmpdir(), 'slipway-restore-'))
  })
  afterEach(async () => {
    await stage.dropAll()
    await rm(work, { recursive: true, force: true })
  })

  it('brings the rows back and keeps the former database under another name', async () => {
    const ended = await stage.restore()

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(backedUpNotes)
    const kept = await stage.others()
    expect(kept).toEqual([expect.stringMatching(/_before_\d{8}t\d{6}z$/)])
    expect(ended.stdout).toContain(`the former database is kept as ${kept[0] ?? ''}`)
  })

  it('gives the new database the owners, rights, settings and objects of the old one', async () => {
    const before = await catalogBefore()

    expect((await stage.restore()).code).toBe(0)

    expect(await catalogBefore()).toEqual(before)
  })

  it('goes on where the identity column was', async () => {
    await stage.restore()

    await stage.inLive('app', (sql) => sql.unsafe(`insert into ${tableName} (note) values ('new')`))

    expect(await stage.notes()).toEqual([`💾 50% 'q'`, null, 'tab\there', 'new'])
  })

  it('shows what it would do and changes nothing with --dry-run', async () => {
    const ended = await stage.restore(['--dry-run'])

    expect(ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`replaces  database ${stage.databaseName}`) as string,
    })
    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toEqual([])
  })

  it('prints key=value lines alone with --porcelain, and the plan in words beside them', async () => {
    const ended = await stage.restore(['--dry-run', '--porcelain'])

    expect(ended.stdout.split('\n')).toEqual([
      expect.stringMatching(/^backup=\d{8}T\d{6}Z-[0-9a-f]{6}$/),
      `database=${stage.databaseName}`,
    ])
    expect(ended.stderr).toContain(`replaces  database ${stage.databaseName}`)
    expect(await stage.restore(['--porcelain'])).toMatchObject({ code: 2 })
  })

  it('cuts fifty busy sessions, which come back by themselves', async () => {
    const busy = Array.from({ length: 50 }, () => hammer(stage.url('app')))
    await until('all get answers', () => busy.every((each) => each.answers() > 0))

    const ended = await stage.restore()
    const before = busy.map((each) => each.answers())
    await until('all get answers again', () => busy.every((each, n) => each.answers() > (before[n] ?? 0)))
    await Promise.all(busy.map((each) => each.stop()))

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(backedUpNotes)
  })

  it('leaves the live database alone when the backup is damaged', async () => {
    const ended = await runCli(
      ['restore', '--from', await stage.damage(work, 'database.dump', flipNearEnd)],
      stage.settings('migrator'),
    )

    expect(ended).toMatchObject({ code: 50, stderr: expect.stringContaining('checksum') as string })
    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toEqual([])
  })

  it('leaves the live database alone and drops its half-made one when pg_restore fails', async () => {
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        'case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\nexit 1',
      ),
    })

    const ended = await stage.restore([], { BACKUP_PG_BIN: tools })

    expect(ended.code).toBe(1)
    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toEqual([])
  })

  it('finds that rows are missing although pg_restore said all was well', async () => {
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        'case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\nexec "$real/pg_restore" --schema-only "$@"',
      ),
    })

    const ended = await stage.restore([], { BACKUP_PG_BIN: tools })

    expect(ended).toMatchObject({
      code: 50,
      stderr: expect.stringContaining('has 0 rows instead of 3') as string,
    })
    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toEqual([])
  })

  it('leaves the live database alone when it is killed, and the next one sweeps what is left', async () => {
    const marker = join(work, 'restoring')
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nexec sleep 20 >/dev/null 2>&1`,
      ),
    })
    const { child } = startCli(
      ['restore', '--from', stage.backup],
      stage.settings('migrator', { BACKUP_PG_BIN: tools, TMPDIR: work }),
    )
    await untilFile(marker)
    child.kill('SIGKILL')
    await until('the process is gone', () => child.signalCode === 'SIGKILL')

    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toHaveLength(1)
    await until('its session is gone', async () => {
      const [row] =
        await admin`select count(*)::int as n from pg_stat_activity where datname = ${stage.databaseName}`
      return row?.['n'] === 0
    })
    expect(await stage.restore()).toMatchObject({ code: 0 })
    expect(await stage.others()).toEqual([expect.stringContaining('_before_')])
  })

  it('drops its half-made database when it is told to stop', async () => {
    const marker = join(work, 'restoring')
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nexec sleep 20`,
      ),
    })
    const { child, ended } = startCli(
      ['restore', '--from', stage.backup],
      stage.settings('migrator', { BACKUP_PG_BIN: tools, TMPDIR: work }),
    )
    await untilFile(marker)
    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 143 })
    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toEqual([])
  })

  it('does not swap while a superuser is connected, and leaves the live database open', async () => {
    const superuser = openClient(stage.url('postgres'))
    await superuser`select 1`

    const ended = await stage.restore()
    await superuser.end()

    expect(ended).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('keep the live database open') as string,
    })
    expect(await stage.notes()).toContain('later')
    expect(await stage.others()).toEqual([])
  })

  it('refuses to run beside a migration', async () => {
    const migration = openClient(stage.url('migrator'))
    await migration`select pg_advisory_lock(${advisoryLock.classId}, ${advisoryLock.objectId})`

    const ended = await stage.restore()
    await migration.end()

    expect(ended).toMatchObject({ code: 20 })
    expect(await stage.others()).toEqual([])
  })

  it('keeps a dump from beginning while it runs', async () => {
    const marker = join(work, 'restoring')
    const tools = await makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nwhile [ -e '${marker}' ]; do sleep 0.05; done\nexec "$real/pg_restore" "$@"`,
      ),
    })
    const { ended } = startCli(
      ['restore', '--from', stage.backup],
      stage.settings('migrator', { BACKUP_PG_BIN: tools, TMPDIR: work }),
    )
    await untilFile(marker)

    const dump = await runCli(['create'], stage.settings('backup'))
    await rm(marker)

    expect(dump.code).toBe(20)
    expect(await ended).toMatchObject({ code: 0 })
  })

  it('refuses the backup of another database unless told so', async () => {
    const elsewhere = await stage.server.createDatabase('elsewhere')
    const other = { DATABASE_URL: elsewhere('migrator') }

    const refused = await stage.restore([], other)
    const told = await stage.restore(['--other-database'], other)
    const kept = (
      await admin<{ datname: string }[]>`select datname from pg_database where datname like 'elsewhere%'`
    ).map(({ datname }) => datname)
    for (const name of kept) await admin.unsafe(`drop database ${name} with (force)`)

    expect(refused).toMatchObject({ code: 54, stderr: expect.stringContaining('--other-database') as string })
    expect(told).toMatchObject({ code: 0 })
    expect(kept).toHaveLength(2)
  })

  it('names what earlier restores have kept, and drops it when told', async () => {
    await stage.restore()
    const [oldest = ''] = await stage.others()
    await until('another second', () => !oldest.endsWith(`${compactNow()}z`))

    const second = await stage.restore()
    const [, newer = ''] = await stage.others()
    await until('another second', () => !newer.endsWith(`${compactNow()}z`))
    const third = await stage.restore(['--drop-older'])

    expect(second.stdout).toContain(`still there from earlier restores: ${oldest}`)
    expect(third.stdout).not.toContain('still there')
    expect(await stage.others()).toHaveLength(1)
    expect(await stage.others()).not.toContain(newer)
  })

  it('restores a backup that was copied elsewhere, by its path', async () => {
    await cp(join(stage.folder, stage.backup), join(work, 'my copy'), { recursive: true })

    const ended = await runCli(['restore', '--from', join(work, 'my copy')], stage.settings('migrator'))

    expect(ended).toMatchObject({ code: 0 })
    expect(await stage.notes()).not.toContain('later')
  })

  it('says what only a superuser can set again', async () => {
    await admin.unsafe(`alter database ${stage.quoted} set log_min_duration_statement to 1234`)
    await admin.unsafe(`alter role app in database ${stage.quoted} set work_mem to '5MB'`)

    const ended = await stage.restore()

    expect(ended).toMatchObject({ code: 0 })
    expect(ended.stdout).toContain('setting log_min_duration_statement=1234 of the database')
    expect(ended.stdout).toContain('setting work_mem=5MB of role app in the database')
  })

  it('leaves no trace of a password in what it prints', async () => {
    const ended = await stage.restore()

    const password = decodeURIComponent(new URL(stage.url('migrator')).password)
    expect(ended.stdout + ended.stderr).not.toContain(password)
  })
})

function flipNearEnd(content: Buffer): Buffer {
  content[content.length - 100] = (content[content.length - 100] ?? 0) ^ 1
  return content
}

function compactNow(): string {
  return new Date()
    .toISOString()
    .replace(/[-:]|\.\d+Z/g, '')
    .toLowerCase()
}
