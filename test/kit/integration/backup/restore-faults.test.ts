import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { renderChecksums } from '../../../../src/kit/backup/portable/checksums.ts'
import { hashFile } from '../../../../src/kit/host/hash-file.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { backedUpNotes, openRestoreStage, type RestoreStage } from './restore-stage.ts'
import { runCli, startCli, until, untilFile } from './run-cli.ts'

const beforeRestore = [`💾 50% 'q'`, 'tab\there', 'later']
const rows = 60_000

describe.skipIf(postgresTools === undefined)('backup restore under faults', () => {
  let stage: RestoreStage
  let work: string

  const isUntouched = async (): Promise<void> => {
    expect(await stage.notes()).toEqual(beforeRestore)
    expect(await stage.others()).toEqual([])
  }
  const restoreFrom = (from: string, args: string[] = [], more?: Record<string, string>) =>
    runCli(['restore', '--from', from, ...args], stage.settings('migrator', more))
  /** pg_restore stops at a marker until it is removed; returns the folder of the programs. */
  const stopping = (marker: string): Promise<string> =>
    makeFakeTools(stage.server.tools, {
      pg_restore: exceptVersion(
        'pg_restore',
        `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nwhile [ -e '${marker}' ]; do sleep 0.05; done\nexec "$real/pg_restore" "$@"`,
      ),
    })
  /** A copy whose manifest says something else, with checksums that fit. */
  const rewrite = async (change: (manifest: string) => string): Promise<string> => {
    const copy = await stage.damage(work, 'manifest.json', (content) =>
      Buffer.from(change(content.toString())),
    )
    const manifest = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8')) as {
      files: { file: string; sha256: string }[]
    }
    const digests = Object.fromEntries(manifest.files.map(({ file, sha256 }) => [file, sha256]))
    const { sha256 } = await hashFile(join(copy, 'manifest.json'))
    await writeFile(join(copy, 'SHA256SUMS'), renderChecksums({ ...digests, 'manifest.json': sha256 }))
    return copy
  }

  beforeAll(async () => {
    stage = await openRestoreStage(postgresTools ?? '', {
      databaseName: 'faulty live',
      prepare: async (sql) => {
        await sql.unsafe(`create table big as select n, md5(n::text) as text from generate_series(1, ${rows}) n;
          create table guarded (id int, owner name default current_user);
          create policy own on guarded for all to app using (owner = current_user);
          grant select, insert on guarded to app;
          insert into guarded select n, 'app' from generate_series(1, 10) n;
          insert into guarded values (11, 'somebody');
          alter table guarded enable row level security;
          alter table guarded force row level security`)
      },
    })
  })
  afterAll(() => stage.close())
  beforeEach(async () => {
    await stage.makeLive()
    work = await mkdtemp(join(tmpdir(), 'slipway-faults-'))
  })
  afterEach(async () => {
    await stage.dropAll()
    await rm(work, { recursive: true, force: true })
  })

  it('killed at ten random moments, leaves a live database that is whole, and the next run sweeps', async () => {
    const begin = performance.now()
    expect(await stage.restore()).toMatchObject({ code: 0 })
    const wholeMs = performance.now() - begin
    const seen: (string | null)[][] = []
    for (let round = 0; round < 10; round += 1) {
      const { child, ended } = startCli(
        ['restore', '--from', stage.backup],
        stage.settings('migrator', { TMPDIR: work }),
      )
      // Not a wait for something: the moment of the kill is what varies, and any moment has to do.
      await pause(wholeMs * (0.2 + Math.random() * 0.8))
      child.kill('SIGKILL')
      await ended
      seen.push(await stage.notes())
    }

    for (const notes of seen) expect(notes).toEqual(backedUpNotes)
    await until('the lock of the last one is free', async () => (await stage.restore()).code === 0)
    expect((await stage.others()).filter((name) => name.includes('_restore_'))).toEqual([])
  }, 120_000)

  it('leaves the live database alone when the server dies in the middle, and says so', async () => {
    const marker = join(work, 'restoring')
    const { ended } = startCli(
      ['restore', '--from', stage.backup],
      stage.settings('migrator', { BACKUP_PG_BIN: await stopping(marker), TMPDIR: work }),
    )
    await untilFile(marker)
    await stage.server.stop('SIGKILL')
    await rm(marker)

    expect(await ended).toMatchObject({
      code: 22,
      stderr: expect.stringMatching(/^error: .+\nhint: /) as string,
    })
    await stage.server.start()
    expect(await stage.notes()).toEqual(beforeRestore)
    expect(await stage.restore()).toMatchObject({ code: 0 })
    expect(await stage.others()).toEqual([expect.stringContaining('_before_')])
  })

  it.each([
    ['cut short', (content: Buffer) => content.subarray(0, Math.floor(content.length * 0.7))],
    [
      'with a flipped bit',
      (content: Buffer) => {
        content[Math.floor(content.length / 2)] = (content[Math.floor(content.length / 2)] ?? 0) ^ 8
        return content
      },
    ],
    ['empty', () => Buffer.alloc(0)],
    ['of somebody else', () => Buffer.from('PGDMP is what a dump begins with')],
  ])('refuses a dump that is %s', async (_what, change) => {
    const { files } = JSON.parse(
      await readFile(join(stage.folder, stage.backup, 'manifest.json'), 'utf8'),
    ) as { files: { file: string }[] }
    const dump = files.find(({ file }) => file.startsWith('database.dump'))?.file ?? ''

    const ended = await restoreFrom(await stage.damage(work, dump, change))

    expect(ended).toMatchObject({ code: 50, stderr: expect.stringContaining('cannot be trusted') as string })
    await isUntouched()
  })

  it('refuses the backup of a newer server, and that of another database', async () => {
    const newer = await rewrite((text) => text.replace(/"serverVersion": "\d+/, '"serverVersion": "99'))
    expect(await restoreFrom(newer)).toMatchObject({
      code: 52,
      stderr: expect.stringContaining('the server is older') as string,
    })
    await rm(newer, { recursive: true })

    const foreign = await rewrite((text) => text.replace('"name": "faulty live"', '"name": "foreign"'))
    expect(await restoreFrom(foreign)).toMatchObject({
      code: 54,
      stderr: expect.stringContaining(`the backup is of database 'foreign'`) as string,
    })
    await isUntouched()
  })

  it('refuses a backup whose extension or role the server does not have', async () => {
    const extended = await rewrite((text) =>
      text.replace('"extensions": [', '"extensions": [{ "name": "no_such_extension", "version": "1" },'),
    )
    expect(await restoreFrom(extended)).toMatchObject({
      code: 52,
      stderr: expect.stringContaining('extension no_such_extension') as string,
    })
    await rm(extended, { recursive: true })

    const foreign = await rewrite((text) =>
      text.replace(
        /"roles": (null|\[)/,
        '"roles": ["no_such_role"'.concat(text.includes('"roles": null') ? ']' : ','),
      ),
    )
    expect(await restoreFrom(foreign)).toMatchObject({
      code: 54,
      stderr: expect.stringContaining('no_such_role') as string,
    })
    await rm(foreign, { recursive: true })

    const untrusted = await rewrite((text) =>
      text.replace('"extensions": [', '"extensions": [{ "name": "pg_buffercache", "version": "1" },'),
    )
    expect(await restoreFrom(untrusted)).toMatchObject({
      code: 54,
      stderr: expect.stringContaining('a superuser alone may create: extension pg_buffercache') as string,
    })
    await isUntouched()
  })

  it('refuses to begin without room for the data twice over', async () => {
    const ended = await stage.restore(['--data-free-bytes', '10000000'])

    expect(ended).toMatchObject({
      code: 51,
      stderr: expect.stringMatching(
        /the disk of the database has 9\.5 MiB free and the restore may need \d+/,
      ) as string,
    })
    await isUntouched()
  })

  it('refuses to begin when the server has no connections left', async () => {
    const clients = Array.from({ length: 150 }, () => openClient(stage.server.urlFor('monitor', 'postgres')))
    const taken = await Promise.allSettled(clients.map((client) => client`select 1`))

    const ended = await stage.restore()
    await Promise.all(clients.map((client) => client.end({ timeout: 1 })))

    expect(taken.some(({ status }) => status === 'rejected')).toBe(true)
    expect(ended).toMatchObject({ code: 20, stderr: expect.stringContaining('connections left') as string })
    await isUntouched()
  })

  it('swaps in the middle of a storm that takes every connection it can get', async () => {
    const marker = join(work, 'restoring')
    const { ended } = startCli(
      ['restore', '--from', stage.backup],
      stage.settings('migrator', { BACKUP_PG_BIN: await stopping(marker), TMPDIR: work }),
    )
    await untilFile(marker)
    const over = new AbortController()
    const storm = Array.from({ length: 85 }, async () => {
      while (!over.signal.aborted) {
        const client = openClient(stage.url('app'))
        await client`select pg_sleep(0.2)`.catch(() => undefined)
        await client.end({ timeout: 0 })
      }
    })
    await rm(marker)

    const restored = await ended
    over.abort()
    await Promise.all(storm)

    expect(restored).toMatchObject({ code: 0 })
    expect(await stage.notes()).toEqual(backedUpNotes)
  })

  it('brings back rows that row security hides from their very owner, and the policies', async () => {
    expect(await stage.restore()).toMatchObject({ code: 0 })

    await stage.inLive('app', async (sql) => {
      expect(await sql`select count(*)::int as n from guarded`).toEqual([{ n: 10 }])
    })
    await stage.inLive('migrator', async (sql) => {
      expect(await sql`select count(*)::int as n from guarded`).toEqual([{ n: 0 }])
    })
    await stage.inLive('backup', async (sql) => {
      expect(await sql`select count(*)::int as n from guarded`).toEqual([{ n: 11 }])
    })
  })

  it('brings back what belonged to somebody else, as the property of the owner', async () => {
    await stage.inLive('postgres', async (sql) => {
      await sql.unsafe(`create table alien (id int primary key); insert into alien values (1);
        alter table alien owner to monitor; grant select on alien to backup, app`)
    })
    const created = await runCli(['create'], stage.settings('backup', { BACKUP_FOLDER: work }))

    const ended = await restoreFrom(join(work, created.stdout))

    expect(ended).toMatchObject({ code: 0 })
    await stage.inLive('app', async (sql) => {
      expect(await sql`select tableowner from pg_tables where tablename = 'alien'`).toEqual([
        { tableowner: 'owner' },
      ])
      expect(await sql`select id from alien`).toEqual([{ id: 1 }])
    })
  })

  it('finds that the dump holds other rows than were counted, before anybody sees it', async () => {
    const lying = await rewrite((text) => text.replace(`"rows": ${rows}`, `"rows": ${rows + 1}`))

    expect(await restoreFrom(lying)).toMatchObject({
      code: 50,
      stderr: expect.stringContaining(`public.big has ${rows} rows instead of ${rows + 1}`) as string,
    })
    await isUntouched()
  })

  it('finds that a row is another one, although as many are there', async () => {
    const lying = await rewrite((text) =>
      text.replace(/("name": "big",[^{]*"hash": \{\s*"value": ")-?\d/, '$19'),
    )

    expect(await restoreFrom(lying)).toMatchObject({
      code: 50,
      stderr: expect.stringContaining('public.big holds other rows than were backed up') as string,
    })
    await isUntouched()
  })

  it('finds that the shape of what was restored is another one', async () => {
    const lying = await rewrite((text) => text.replace(/(?<="catalogHash": ")\w+/, '0'.repeat(64)))

    expect(await restoreFrom(lying)).toMatchObject({
      code: 50,
      stderr: expect.stringContaining('the catalog (columns, constraints,') as string,
    })
    await isUntouched()
  })

  it('finds that a sequence would give out numbers again', async () => {
    const lying = await rewrite((text) => text.replace('"lastValue": "3"', '"lastValue": "30"'))

    expect(await restoreFrom(lying)).toMatchObject({
      code: 50,
      stderr: expect.stringContaining('is at 3 instead of 30') as string,
    })
    await isUntouched()
  })
})
