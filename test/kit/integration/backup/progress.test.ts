import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bundleOf } from '../../support/bundles.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

/** Half of the dump, and the rest after more than a second. */
const slowDump = exceptVersion('pg_dump', `"$real/pg_dump" "$@" | { head -c 4096; sleep 1.3; cat; }`)

describe.skipIf(postgresTools === undefined)('progress of a backup', () => {
  let server: ToolsServer
  let settings: Record<string, string>

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    const url = await server.createDatabase('slow')
    settings = {
      DATABASE_URL: url('backup'),
      BACKUP_FOLDER: await mkdtemp(join(tmpdir(), 'slipway-backups-')),
      BACKUP_ENCRYPTION: 'off',
    }
  })
  afterAll(async () => {
    await server.close()
    await rm(settings['BACKUP_FOLDER'] ?? '', { recursive: true, force: true })
  })

  it('is shown on a terminal, against the size of the backup before, and is gone at the end', async () => {
    const slow = { ...settings, BACKUP_PG_BIN: await makeFakeTools(server.tools, { pg_dump: slowDump }) }
    expect(await runCli(['create'], slow)).toMatchObject({ code: 0 })

    const command = `'${process.execPath}' '${bundleOf('backup')}' create`
    const shown = spawnSync('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], ...slow },
      encoding: 'utf8',
      input: '',
    })

    expect(shown.status, shown.stdout).toBe(0)
    expect(shown.stdout.replaceAll('\r\u001b[K', '<erased>')).toMatch(
      /<erased>dump: [\d.]+ KiB of about [\d.]+ KiB, \d+ %, about \d+ s left, [\d.]+ KiB\/s<erased>/,
    )
  })

  it('is not shown where standard error is no terminal', async () => {
    const slow = { ...settings, BACKUP_PG_BIN: await makeFakeTools(server.tools, { pg_dump: slowDump }) }

    const { stderr } = await runCli(['create'], slow)

    expect(stderr).not.toContain('\u001b')
    expect(stderr).not.toContain('dump:')
  })
})
