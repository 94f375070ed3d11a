import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serverAccount } from '../../../../src/kit/postgres/server-account.ts'
import { openDrillService, type DrillService } from '../backup/drill-service.ts'
import { openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { slowEnginePath } from './slow-engine.ts'
import { continuousTools } from './tools.ts'

const kind = ['--kind', 'continuous']

describe.skipIf(continuousTools === undefined)('backup drill --kind continuous', { timeout: 120_000 }, () => {
  let server: ArchivedServer
  let service: DrillService
  let volume: string

  const place = () => ({ BACKUP_DRILL_FOLDER: volume, ARCHIVE: 'on' })
  const drill = () => server.backup(['drill', ...kind], place())
  const note = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(server.backups, 'state/last-drill-continuous.json'), 'utf8')) as Record<
      string,
      unknown
    >

  beforeAll(async () => {
    volume = await mkdtemp(join(tmpdir(), 'hand-over-'))
    // As root the two sides are two users here: what one makes in the volume belongs to the group of the other.
    const account = await serverAccount(join(volume, 'nothing'))
    if (account !== undefined) await chown(volume, 0, account.gid)
    await chmod(volume, 0o2777)
    server = await openArchivedServer()
    service = await openDrillService(volume, continuousTools?.server ?? '')
    const sql = server.connect()
    await sql`create table events as select n, clock_timestamp() as created_at from generate_series(1, 1000) n`
    await sql`select pg_reload_conf()`
    await sql.end()
  }, 60_000)
  afterAll(async () => {
    await service.close()
    await server.close()
    await rm(volume, { recursive: true, force: true })
  })

  it('fails before there is a base backup', async () => {
    expect(await drill()).toMatchObject({
      code: 57,
      stderr: expect.stringContaining('holds no base backup') as string,
    })
    expect(await note()).toMatchObject({ ok: false, fault: 'not_found', subject: '' })
  })

  it('proves the archive: one moment exactly, then its end, at most 15 s behind', async () => {
    const { stdout: label } = await server.backup(['base', '--full'])

    const ended = await drill()

    expect(ended, ended.stderr + service.log()).toMatchObject({ code: 0 })
    expect(ended.stderr).not.toContain('\u001b')
    expect(ended.stdout).toMatch(/^proven: continuous backup \d{8}-\d{6}F /)
    const record = await note()
    expect(record).toMatchObject({ ok: true, subject: label.split('\n').at(-1) })
    expect(record['rpoSeconds']).toBeLessThan(15)
    const proof = JSON.parse(
      await readFile(join(server.backups, 'state/proof-continuous.json'), 'utf8'),
    ) as object
    expect(proof).toMatchObject({ ok: true, kind: 'continuous', targetTime: record['targetTime'] })
  })

  it('shows on a terminal how far the restore into the volume is, and clears it before the next step', async () => {
    const slow = { ...place(), PATH: await slowEnginePath(server) }

    const shown = await server.backupOnTerminal(['drill', ...kind], slow)

    expect(shown, service.log()).toMatch(
      /<erased>drill: [\d.]+ MiB of about [\d.]+ MiB, \d+ %, about \d+ s left, [\d.]+ MiB\/s<erased>/,
    )
    expect(shown).toMatch(/MiB\/s(?:<erased>)+drill: moment\r\n/)
    expect(shown).toContain('\r\nproven: continuous backup ')
  })
})
