import { existsSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useCreateStage } from './create-stage.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { startCli, until, untilFile } from './run-cli.ts'

describe.skipIf(postgresTools === undefined)('backup create under faults', () => {
  const { tools, url, folder, settings, create, finished, leftovers } = useCreateStage()

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
    const fake = await makeFakeTools(tools(), { pg_dump: `echo 'pg_dump (PostgreSQL) 16.9'` })

    const ended = await create({ BACKUP_PG_BIN: fake })

    expect(ended).toMatchObject({ code: 52, stderr: expect.stringContaining('PostgreSQL 16.9') as string })
    expect(await finished()).toEqual([])
  })

  it('believes the exit status of pg_dump even when its output is whole', async () => {
    const fake = await makeFakeTools(tools(), {
      pg_dump: exceptVersion('pg_dump', '"$real/pg_dump" "$@"\nexit 3'),
    })

    const ended = await create({ BACKUP_PG_BIN: fake })

    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('exit code 3') as string })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('finds that a table is missing from the dump although every program said all was well', async () => {
    const fake = await makeFakeTools(tools(), {
      pg_dump: exceptVersion('pg_dump', 'exec "$real/pg_dump" --exclude-table=big "$@"'),
    })

    const ended = await create({ BACKUP_PG_BIN: fake })

    expect(ended).toMatchObject({
      code: 50,
      stderr: expect.stringContaining('missing: public big owner') as string,
    })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('leaves nothing under a final name when it is killed, and the next one sweeps what is left', async () => {
    const marker = join(folder(), 'dumping')
    const stuck = await makeFakeTools(tools(), {
      pg_dump: exceptVersion(
        'pg_dump',
        `head -c 100000 /dev/zero\ntouch '${marker}'\nexec sleep 20 >/dev/null`,
      ),
    })
    const { child, ended } = startCli(['create'], settings({ BACKUP_PG_BIN: stuck, TMPDIR: folder() }))
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
    const marker = join(folder(), 'dumping')
    const stuck = await makeFakeTools(tools(), {
      pg_dump: exceptVersion('pg_dump', `head -c 100000 /dev/zero\ntouch '${marker}'\nexec sleep 20`),
    })
    const { child, ended } = startCli(['create'], settings({ BACKUP_PG_BIN: stuck, TMPDIR: folder() }))
    await untilFile(marker)
    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 143, stdout: '' })
    expect([...(await finished()), ...(await leftovers())]).toEqual([])
  })

  it('says that the folder is not there', async () => {
    const ended = await create({ BACKUP_FOLDER: join(folder(), 'nowhere') })

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
      const flood = await makeFakeTools(tools(), {
        pg_dump: exceptVersion('pg_dump', '"$real/pg_dump" "$@" && exec head -c 100000000 /dev/urandom'),
      })

      const ended = await create({ BACKUP_FOLDER: disk, BACKUP_PG_BIN: flood })

      expect(ended).toMatchObject({ code: 51, stderr: expect.stringContaining('is full') as string })
      expect((await readdir(disk)).filter((name) => name !== 'state')).toEqual([first])
    })
  })
})
