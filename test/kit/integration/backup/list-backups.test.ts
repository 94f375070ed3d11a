import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

describe.skipIf(postgresTools === undefined)('backup list', () => {
  let server: ToolsServer
  let folder: string
  let env: Record<string, string>

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    folder = await mkdtemp(join(tmpdir(), 'slipway-list-'))
    const url = (await server.createDatabase('listed'))('backup')
    env = { DATABASE_URL: url, BACKUP_FOLDER: folder, BACKUP_PG_BIN: server.tools, BACKUP_ENCRYPTION: 'off' }
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('shows each backup with its reason, and one that is damaged as such', async () => {
    const older = (await runCli(['create', '--reason', 'before_migration'], env)).stdout
    const newer = (await runCli(['create'], env)).stdout
    await truncate(join(folder, older, 'database.dump'), 3)

    const { code, stdout } = await runCli(['list'], env)

    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${newer} +\\d+ s +\\d.* manual +not yet proven +here$`, 'm'))
    expect(stdout).toMatch(
      new RegExp(`^${older} .* before_migration +DAMAGED +here\\n  damaged: database.dump has 3 bytes`, 'm'),
    )
    const listed: unknown = JSON.parse((await runCli(['list', '--json'], env)).stdout)
    expect(listed).toMatchObject({
      portable: [
        { name: newer, reason: 'manual', isEncrypted: false, fault: null, proof: null, copies: ['here'] },
        { name: older, fault: expect.stringContaining('database.dump has 3 bytes') as string },
      ],
      continuous: null,
    })
  })
})
