import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const tables = 2_500

describe.skipIf(postgresTools === undefined)('a database of many tables', { timeout: 120_000 }, () => {
  let server: ToolsServer
  let folder: string

  beforeAll(async () => {
    // 150 connections times 25: enough locks for each table, and not for its index besides.
    server = await openToolsServer(postgresTools ?? '', { parameters: { max_locks_per_transaction: '25' } })
    folder = await mkdtemp(join(tmpdir(), 'slipway-many-'))
    const url = await server.createDatabase('many')
    const sql = openClient(url('migrator'))
    for (let from = 0; from < tables; from += 250)
      await sql.unsafe(`do $$ begin for n in ${from}..${from + 249} loop
        execute format('create table t%s (id int primary key)', n); end loop; end $$`)
    await sql.end({ timeout: 5 })
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is backed up and restored with one lock for each table', async () => {
    const settings = { BACKUP_FOLDER: folder, BACKUP_PG_BIN: server.tools }

    const created = await runCli(['create'], { ...settings, DATABASE_URL: server.urlFor('backup', 'many') })
    const restored = await runCli(['restore', '--from', 'latest'], {
      ...settings,
      DATABASE_URL: server.urlFor('migrator', 'many'),
    })

    expect(created, created.stderr).toMatchObject({ code: 0 })
    expect(restored, restored.stderr).toMatchObject({ code: 0 })
  })
})
