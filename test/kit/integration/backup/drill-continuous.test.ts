import { execFile } from 'node:child_process'
import { appendFile, chmod, cp, mkdtemp, open, readdir, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drillSocket, dataFolder } from '../../../../src/kit/backup/drill/drill-place.ts'
import { requestDrill } from '../../../../src/kit/backup/drill/drill-client.ts'
import type { DrillOutcome } from '../../../../src/kit/backup/drill/drill-protocol.ts'
import { writeSentinels, type Marks } from '../../../../src/kit/backup/drill/sentinel-transactions.ts'
import { openDrillService, type DrillService } from './drill-service.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

const run = promisify(execFile)

/** The base backup and the archive are made by hand here: what pgBackRest adds is tested with it. */
describe.skipIf(postgresTools === undefined)('a drill of the continuous kind', { timeout: 120_000 }, () => {
  let server: ToolsServer
  let service: DrillService
  let archive: string
  let base: string
  let volume: string
  let marks: Marks
  let beforeMarks: string[]

  const folder = async (name: string): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), name))
    await chmod(made, 0o777)
    return made
  }
  const restore = async (into: string): Promise<void> => {
    await cp(base, into, { recursive: true, preserveTimestamps: true })
    await cp(archive, join(into, 'slipway_wal'), { recursive: true })
    await appendFile(join(into, 'postgresql.auto.conf'), `restore_command = 'cp "slipway_wal/%f" "%p"'\n`)
    await writeFile(join(into, 'recovery.signal'), '')
  }
  const drill = (
    asked: Marks,
    change: (data: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<DrillOutcome> =>
    requestDrill({
      socketPath: drillSocket(volume),
      request: { kind: 'continuous', timeoutMs: 90_000, database: 'moments', ...asked },
      send: async (request) => {
        await restore(dataFolder(volume))
        await change(dataFolder(volume))
        request.end()
      },
      onStep: () => undefined,
    })

  const leftovers = async (): Promise<string[]> =>
    (await readdir(volume)).filter((name) => name !== 'drill.sock')

  beforeAll(async () => {
    archive = await folder('archive-')
    volume = await folder('hand-over-')
    base = join(await folder('base-'), 'data')
    server = await openToolsServer(postgresTools ?? '', {
      parameters: {
        wal_level: 'replica',
        archive_mode: 'on',
        archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
        archive_timeout: '1',
        checkpoint_timeout: '30',
      },
    })
    const url = await server.createDatabase('moments')
    const superuser = new URL(server.urlFor('postgres', 'postgres'))
    await run(
      join(server.tools, 'pg_basebackup'),
      [
        '-D',
        base,
        '-h',
        '127.0.0.1',
        '-p',
        superuser.port,
        '-U',
        'postgres',
        '--checkpoint=fast',
        '--wal-method=none',
      ],
      {
        env: { PGPASSWORD: decodeURIComponent(superuser.password) },
      },
    )
    const sql = openClient(url('postgres'))
    // archive_timeout does nothing before the checkpointer has first woken up.
    await sql`select pg_reload_conf()`
    await sql.unsafe(
      'create table events as select n, clock_timestamp() as created_at from generate_series(1, 1000) n',
    )
    await sql.end({ timeout: 5 })
    beforeMarks = await readdir(archive)
    marks = await writeSentinels({ ...databaseSettings, url: url('backup') })
    service = await openDrillService(volume, server.tools)
  })
  afterAll(async () => {
    await service.close()
    await server.close()
    for (const each of [archive, volume, join(base, '..')]) await rm(each, { recursive: true, force: true })
  })

  it('goes to the moment between two writes, then to the end, and tries the API', async () => {
    const outcome = await drill(marks)

    expect(outcome, service.log()).toMatchObject({ fault: null })
    expect(outcome.steps.map(({ name }) => name)).toEqual([
      'receive',
      'moment',
      'replay',
      'compare',
      'analyze',
      'migrate',
      'api',
      'checksums',
    ])
    expect(outcome.findings?.rows).toBeGreaterThanOrEqual(1_000)
    expect(outcome.findings?.newestCommitAt).not.toBeNull()
    expect(await leftovers()).toEqual([])
  })

  it('finds that the moment is a write too early, or a write too late', async () => {
    const early = await drill({ ...marks, before: marks.after })
    const late = await drill({ ...marks, after: marks.before })

    expect(early.fault?.sentence).toMatch(/the write before .* is (not there|in progress) at that moment/)
    expect(late.fault?.sentence).toMatch(/the write after .* is there at that moment/)
  })

  it('finds that the archive ends before what it had taken in', async () => {
    const outcome = await drill(marks, async (data) => {
      for (const name of await readdir(archive)) {
        if (!beforeMarks.includes(name)) await unlink(join(data, 'slipway_wal', name))
      }
    })

    expect(outcome.fault?.sentence).toMatch(/recovery ended before configured recovery target was reached/)
  })

  it('finds one flipped bit in a page that no query reads', async () => {
    const sql = openClient(server.urlFor('postgres', 'moments'))
    const [row] = await sql<
      { path: string }[]
    >`select pg_relation_filepath('pg_largeobject_loid_pn_index') as path`
    await sql.end({ timeout: 5 })

    const outcome = await drill(marks, async (data) => {
      const file = await open(join(data, row?.path ?? ''), 'r+')
      await file.write(Buffer.from([0x5a]), 0, 1, 4_000)
      await file.close()
    })

    expect(outcome.fault?.sentence).toMatch(/pg_checksums ended with exit code 1/)
  })

  it('fails when there is no data folder', async () => {
    const outcome = await drill(marks, (data) => rm(data, { recursive: true }))

    expect(outcome.fault).not.toBeNull()
    expect(await leftovers()).toEqual([])
  })
})
