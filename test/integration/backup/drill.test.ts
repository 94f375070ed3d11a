import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDrillService, type DrillService } from './drill-service.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli, type Ended } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const databaseName = `dr il"l' %é`

describe.skipIf(postgresTools === undefined)('backup drill', () => {
  let server: ToolsServer
  let service: DrillService
  let url: (role: 'backup' | 'migrator' | 'postgres') => string
  let folder: string
  let handOver: string

  const settings = (more: Record<string, string> = {}): Record<string, string> => ({
    DATABASE_URL: url('backup'),
    BACKUP_FOLDER: folder,
    BACKUP_PG_BIN: server.tools,
    BACKUP_DRILL_FOLDER: handOver,
    ...more,
  })
  const drill = (args: string[] = [], more?: Record<string, string>): Promise<Ended> =>
    runCli(['drill', '--kind', 'portable', ...args], settings(more))
  const json = async (...path: string[]): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(join(folder, ...path), 'utf8')) as Record<string, unknown>

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = await server.createDatabase(databaseName)
    folder = await mkdtemp(join(tmpdir(), 'slipway backups é-'))
    handOver = await mkdtemp(join(tmpdir(), 'hand-over-'))
    await chmod(handOver, 0o755)
    service = await openDrillService(handOver, server.tools)
    const sql = openClient(url('migrator'))
    await sql.unsafe(
      'create table "Tab le.""x""" (id int generated always as identity primary key, note text)',
    )
    await sql.unsafe(`insert into "Tab le.""x""" (note) values ('💾 50% ''q'''), (null)`)
    await sql.end({ timeout: 5 })
  })
  afterAll(async () => {
    await service.close()
    await server.close()
    for (const each of [folder, handOver]) await rm(each, { recursive: true, force: true })
  })

  it('proves the newest backup: restored, compared, and the API ready on it', async () => {
    const { stdout: name } = await runCli(['create'], settings())

    const ended = await drill()

    expect(ended, service.log()).toMatchObject({ code: 0 })
    expect(ended.stdout).toMatch(new RegExp(`^proven: portable backup ${name} \\(RTO `))
    expect(await json(name, 'proof.json')).toMatchObject({ ok: true, kind: 'portable', subject: name })
    expect(await json('state', 'last-drill-portable.json')).toMatchObject({ ok: true, subject: name })
    const reports = await readdir(join(folder, 'state', 'drills'))
    expect(reports.map((file) => file.replace(/^.*-/, '')).sort()).toEqual(['portable.json', 'portable.md'])
  })
})
