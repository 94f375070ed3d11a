import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { advisoryLock } from '../../../src/migrate/advisory-lock.ts'
import { isBackupName } from '../../../src/backup/portable/backup-name.ts'
import { parseManifest, type Manifest } from '../../../src/backup/portable/manifest.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { writeSampleBackup } from '../../unit/backup/sample-backup.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli, startCli, until, untilFile } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const databaseName = `slip "way" 50%='é`

const keepOne = {
  BACKUP_KEEP_HOURLY: '1',
  BACKUP_KEEP_DAILY: '0',
  BACKUP_KEEP_WEEKLY: '0',
  BACKUP_KEEP_MONTHLY: '0',
}

const bigTable = `create table big as select n, md5(n::text) as text from generate_series(1, 200000) n`

describe.skipIf(postgresTools === undefined)('backup create', () => {
  let server: ToolsServer
  let url: (role: AnyRole) => string
  let folder: string

  const settings = (more: Record<string, string> = {}): Record<string, string> => ({
    DATABASE_URL: url('backup'),
    BACKUP_FOLDER: folder,
    BACKUP_PG_BIN: server.tools,
    ...more,
  })
  const create = (more?: Record<string, string>) => runCli(['create'], settings(more))
  const finished = async (): Promise<string[]> => (await readdir(folder)).filter(isBackupName)
  const leftovers = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith('.partial') || name === '.lock')
  const manifestOf = async (name: string): Promise<Manifest | undefined> =>
    parseManifest(await readFile(join(folder, name, 'manifest.json'), 'utf8'))

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = await server.createDatabase(databaseName)
    const owner = openClient(url('migrator'))
    await owner.unsafe('create table "Tab le.""x""" (id int primary key, note text)')
    await owner.unsafe(`insert into "Tab le.""x""" values (1, '💾 50% ''q'''), (2, null)`)
    await owner.unsafe(bigTable)
    await owner.end()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway backups é-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('leaves one folder whose files are what its checksums and its manifest say', async () => {
    const ended = await create()

    expect(ended).toMatchObject({ code: 0 })
    expect(await finished()).toEqual([ended.stdout])
    expect(await leftovers()).toEqual([])
    expect((await readdir(join(folder, ended.stdout))).sort()).toEqual([
      'SHA256SUMS',
      'database.dump',
      'globals.sql',
      'manifest.json',
    ])
    const check = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
      cwd: join(folder, ended.stdout),
    })
    expect(check.status).toBe(0)
    const manifest = await manifestOf(ended.stdout)
    expect(manifest).toMatchObject({
      format: 2,
      reason: 'manual',
      name: ended.stdout,
      database: { name: databaseName },
    })
    expect(manifest?.tables).toContainEqual(
      expect.objectContaining({ schema: 'public', name: 'Tab le."x"', owner: 'owner', rows: 2 }),
    )
    expect(manifest?.tables).toContainEqual(expect.objectContaining({ name: 'big', rows: 200_000 }))
    expect(manifest?.migrations.length).toBeGreaterThan(0)
    expect(manifest?.serverVersion).toBe(manifest?.clientVersion)
  })

  it('counts and dumps the same rows while others write', async () => {
    const writer = openClient(url('migrator'))
    const stop = new AbortController()
    const writing = (async () => {
      for (let n = 0; !stop.signal.aborted; n += 1) await writer`insert into big values (${-n}, 'late')`
    })()

    const ended = await create()
    stop.abort()
    await writing
    await writer.end()

    const rows = (await manifestOf(ended.stdout))?.tables.find(({ name }) => name === 'big')?.rows
    const printed = spawnSync(
      join(server.tools, 'pg_restore'),
      ['--data-only', '--table=big', '--file=-', join(folder, ended.stdout, 'database.dump')],
      { encoding: 'utf8', maxBuffer: 1e9 },
    )
    const dumped = printed.stdout.split('\n').filter((line) => /^-?\d+\t/.test(line)).length
    expect(rows).toBeGreaterThan(200_000)
    expect(dumped).toBe(rows)
  })

  it('keeps as many as it was told, but never fewer than three', async () => {
    const names: string[] = []
    for (let run = 0; run < 4; run += 1) names.push((await create(keepOne)).stdout)

    expect((await finished()).sort()).toEqual(names.slice(1).sort())
  })

  it('removes nothing when the newest backup fails', async () => {
    const kept: string[] = []
    for (const day of [1, 2, 3, 4, 5]) {
      const name = `2026110${day}T031500Z-00000${day}`
      kept.push(await writeSampleBackup(folder, name, `2026-11-0${day}T03:15:00.000Z`))
    }

    const failed = await create({
      ...keepOne,
      BACKUP_PG_BIN: await makeFakeTools(server.tools, { pg_dump: exceptVersion('pg_dump', 'exit 1') }),
    })

    expect(failed.code).toBe(1)
    expect((await finished()).sort()).toEqual(kept.sort())
  })

  it('says which login was refused, and shows no password', async () => {
    const ended = await create({ DATABASE_URL: url('backup').replace(/:[^:@]+@/, ':wrong-secret@') })

    expect(ended).toMatchObject({ code: 22, stdout: '' })
    expect(ended.stderr).toMatch(/^error: the database refused the login\nhint: /)
    expect(ended.stderr).not.toContain('wrong-secret')
    expect(await finished()).toEqual([])
  })

  it('gives up when the database is away', async () => {
    const ended = await create({ DATABASE_URL: 'postgres://backup:x@127.0.0.1:1/slipway' })

    expect(ended).toMatchObject({ code: 22, stderr: expect.stringContaining('cannot be reached') as string })
    expect(await leftovers()).toEqual([])
  })

  it('refuses programs of another major than the server', async () => {
    const tools = await makeFakeTools(server.tools, { pg_dump: `echo 'pg_dump (PostgreSQL) 16.9'` })

    const ended = await create({ BACKUP_PG_BIN: tools })

    expect(ended).toMatchObject({ code: 52, stderr: expect.stringContaining('PostgreSQL 16.9') as string })
    expect(await finished()).toEqual([])
  })

  it('believes the exit status of pg_dump even when its output is whole', async () => {
    const tools = await makeFakeTools(server.tools, {
      pg_dump: exceptVersion('pg_dump', '"$real/pg_dump" "$@"\nexit 3'),
    })

    const ended = await create({ BACKUP_PG_BIN: tools })

    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('exit code 3') as string })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('finds that a table is missing from the dump although every program said all was well', async () => {
    const tools = await makeFakeTools(server.tools, {
      pg_dump: exceptVersion('pg_dump', 'exec "$real/pg_dump" --exclude-table=big "$@"'),
    })

    const ended = await create({ BACKUP_PG_BIN: tools })

    expect(ended).toMatchObject({
      code: 50,
      stderr: expect.stringContaining('missing: public big owner') as string,
    })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('refuses to run beside another one', async () => {
    const marker = join(folder, 'dumping')
    const slow = await makeFakeTools(server.tools, {
      pg_dump: exceptVersion(
        'pg_dump',
        `touch '${marker}'\nwhile [ -e '${marker}' ]; do sleep 0.05; done\nexec "$real/pg_dump" "$@"`,
      ),
    })
    const first = startCli(['create'], settings({ BACKUP_PG_BIN: slow }))
    await untilFile(marker)

    const second = await create()
    await rm(marker)

    expect(second).toMatchObject({
      code: 20,
      stderr: expect.stringContaining('the backups folder is in use: backup') as string,
    })
    expect(await first.ended).toMatchObject({ code: 0 })
    expect(await finished()).toHaveLength(1)
  })

  it('refuses to run beside a migration', async () => {
    const migration = openClient(url('migrator'))
    await migration`select pg_advisory_lock(${advisoryLock.classId}, ${advisoryLock.objectId})`

    const ended = await create()
    await migration.end()

    expect(ended).toMatchObject({ code: 20, stderr: expect.stringContaining('a migration') as string })
    expect((await create()).code).toBe(0)
  })

  it('does not queue behind a locked table for longer than BACKUP_LOCK_TIMEOUT_MS', async () => {
    const migration = openClient(url('migrator'))
    await migration`begin`
    await migration`lock table big in access exclusive mode`

    const ended = await create({ BACKUP_LOCK_TIMEOUT_MS: '200' })
    await migration.end()

    expect(ended).toMatchObject({ code: 20, stderr: expect.stringContaining('stayed locked') as string })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('leaves nothing under a final name when it is killed, and the next one sweeps what is left', async () => {
    const marker = join(folder, 'dumping')
    const stuck = await makeFakeTools(server.tools, {
      pg_dump: exceptVersion(
        'pg_dump',
        `head -c 100000 /dev/zero\ntouch '${marker}'\nexec sleep 20 >/dev/null`,
      ),
    })
    const { child, ended } = startCli(['create'], settings({ BACKUP_PG_BIN: stuck, TMPDIR: folder }))
    await untilFile(marker)
    child.kill('SIGKILL')
    await until('the process is gone', () => child.signalCode === 'SIGKILL')

    expect(await finished()).toEqual([])
    expect(await leftovers()).toHaveLength(2)
    expect((await create()).code).toBe(0)
    expect(await leftovers()).toEqual([])
    expect(await finished()).toHaveLength(1)
    void ended
  })

  it('cleans up and ends with 143 when it is told to stop', async () => {
    const marker = join(folder, 'dumping')
    const stuck = await makeFakeTools(server.tools, {
      pg_dump: exceptVersion('pg_dump', `head -c 100000 /dev/zero\ntouch '${marker}'\nexec sleep 20`),
    })
    const { child, ended } = startCli(['create'], settings({ BACKUP_PG_BIN: stuck, TMPDIR: folder }))
    await untilFile(marker)
    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 143, stdout: '' })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('leaves no password in a file behind', async () => {
    const temporary = await mkdtemp(join(folder, 'tmp-'))

    expect((await create({ TMPDIR: temporary })).code).toBe(0)

    expect(await readdir(temporary)).toEqual([])
  })

  it('says that the folder is not there', async () => {
    const ended = await create({ BACKUP_FOLDER: join(folder, 'nowhere') })

    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('is not there') as string })
  })

  describe.skipIf(process.getuid?.() !== 0)('on a small disk', () => {
    let disk: string

    beforeEach(async () => {
      disk = await mkdtemp(join(tmpdir(), 'slipway-disk-'))
    })
    afterEach(async () => {
      spawnSync('umount', [disk])
      await rm(disk, { recursive: true, force: true })
    })

    const mount = (size: string): void => {
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk])
      if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr.toString()}`)
    }

    it('does not begin when there is too little space', async () => {
      mount('4m')

      const ended = await create({ BACKUP_FOLDER: disk })

      expect(ended).toMatchObject({ code: 51, stderr: expect.stringContaining('has 4 MiB free') as string })
      expect(existsSync(join(disk, '.lock'))).toBe(false)
    })

    it('keeps what was there and leaves nothing half-written when the disk fills up on the way', async () => {
      mount('64m')
      const first = (await create({ BACKUP_FOLDER: disk })).stdout
      const flood = await makeFakeTools(server.tools, {
        pg_dump: exceptVersion('pg_dump', 'exec head -c 100000000 /dev/urandom'),
      })

      const ended = await create({ BACKUP_FOLDER: disk, BACKUP_PG_BIN: flood })

      expect(ended).toMatchObject({ code: 51, stderr: expect.stringContaining('is full') as string })
      expect((await readdir(disk)).filter((name) => name !== 'state')).toEqual([first])
    })
  })

  describe('verify', () => {
    let store: string
    let good: string

    beforeAll(async () => {
      store = await mkdtemp(join(tmpdir(), 'slipway-good-'))
      good = join(store, (await create({ BACKUP_FOLDER: store })).stdout)
    })
    afterAll(() => rm(store, { recursive: true, force: true }))

    const damage = async (file: string, change: (content: Buffer) => Buffer | undefined): Promise<string> => {
      const name = '20200101T000000Z-abcdef'
      await cp(good, join(folder, name), { recursive: true })
      const path = join(folder, name, file)
      const changed = change(await readFile(path))
      if (changed === undefined) await rm(path)
      else await writeFile(path, changed)
      return name
    }
    const flip = (content: Buffer): Buffer => {
      const at = Math.floor(Math.random() * content.length)
      content[at] = (content[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
      return content
    }
    const verify = (name: string) => runCli(['verify', name], settings())

    it('accepts what create wrote, by name, by path and as the latest', async () => {
      const name = (await create()).stdout

      for (const from of [name, join(folder, name), join(folder, name, 'database.dump'), 'latest']) {
        expect(await verify(from)).toMatchObject({
          code: 0,
          stdout: expect.stringContaining('checksums right') as string,
        })
      }
    })

    it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])('finds a flipped bit in %s', async (file) => {
      const name = await damage(file, flip)

      expect(await verify(name)).toMatchObject({
        code: 50,
        stderr: expect.stringContaining(`backup ${name} cannot be trusted`) as string,
      })
    })

    it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])('finds that %s is cut short', async (file) => {
      const name = await damage(file, (content) => content.subarray(0, Math.floor(content.length * 0.9)))

      expect((await verify(name)).code).toBe(50)
    })

    it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])('finds that %s is missing', async (file) => {
      const name = await damage(file, () => undefined)

      expect((await verify(name)).code).toBe(50)
    })

    it('says that there is no such backup', async () => {
      expect(await verify('20200101T000000Z-000000')).toMatchObject({ code: 53 })
    })
  })
})
