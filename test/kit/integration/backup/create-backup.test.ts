import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { advisoryLock } from '../../../../src/kit/postgres/lock-ids.ts'
import { writeSampleBackup } from '../../unit/backup/sample-backup.ts'
import { openClient } from './open-client.ts'
import { databaseName, useCreateStage } from './create-stage.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { startCli, untilFile } from './run-cli.ts'

const keepOne = {
  BACKUP_KEEP_HOURLY: '1',
  BACKUP_KEEP_DAILY: '0',
  BACKUP_KEEP_WEEKLY: '0',
  BACKUP_KEEP_MONTHLY: '0',
}

describe.skipIf(postgresTools === undefined)('backup create', () => {
  const { tools, url, folder, settings, create, finished, leftovers, manifestOf } = useCreateStage()

  it('leaves one folder whose files are what its checksums and its manifest say', async () => {
    const ended = await create()

    expect(ended).toMatchObject({ code: 0 })
    expect(await finished()).toEqual([ended.stdout])
    expect(await leftovers()).toEqual([])
    expect((await readdir(join(folder(), ended.stdout))).sort()).toEqual([
      'SHA256SUMS',
      'database.dump',
      'globals.sql',
      'manifest.json',
    ])
    const check = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
      cwd: join(folder(), ended.stdout),
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
      join(tools(), 'pg_restore'),
      ['--data-only', '--table=big', '--file=-', join(folder(), ended.stdout, 'database.dump')],
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
      kept.push(await writeSampleBackup(folder(), name, `2026-11-0${day}T03:15:00.000Z`))
    }

    const failed = await create({
      ...keepOne,
      BACKUP_PG_BIN: await makeFakeTools(tools(), { pg_dump: exceptVersion('pg_dump', 'exit 1') }),
    })

    expect(failed.code).toBe(1)
    expect((await finished()).sort()).toEqual(kept.sort())
  })

  it('refuses to run beside another one', async () => {
    const marker = join(folder(), 'dumping')
    const slow = await makeFakeTools(tools(), {
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

  it('leaves no password in a file behind', async () => {
    const temporary = await mkdtemp(join(folder(), 'tmp-'))

    expect((await create({ TMPDIR: temporary })).code).toBe(0)

    expect(await readdir(temporary)).toEqual([])
  })
})
