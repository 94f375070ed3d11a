import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { compileCache } from '../../support/compile-cache.ts'
import { until } from '../../support/until.ts'
import { createMigrationFolder } from './support/migration-folder.ts'

const entry = fileURLToPath(new URL('../../../../src/kit/bin/rehearse.ts', import.meta.url))

/** Of this file alone: other rehearsals run at the same time. */
const scratch = mkdtempSync(join(tmpdir(), 'slipway-rehearse-process-'))
// As root the server runs as another account.
chmodSync(scratch, 0o755)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function start(...args: string[]) {
  const child = spawn(process.execPath, [entry, '--rows', '1500', '--all', ...args], {
    env: { ...process.env, ...compileCache, TMPDIR: scratch },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, ended, stderr: () => stderr }
}

function leftovers() {
  return readdirSync(scratch).filter((name) => name.startsWith('slipway-rehearsal-'))
}

const base = 'CREATE TABLE trips (id bigint PRIMARY KEY, title text NOT NULL)'

describe('rehearse', () => {
  test('brings its own server, exits 40 on what it refuses and leaves nothing behind', async () => {
    const before = leftovers()
    const dangerous = 'ALTER TABLE trips ALTER COLUMN id TYPE numeric'
    const folder = createMigrationFolder({ '0000_base': base, '0001_type': dangerous })

    const { code, stdout } = await start('--folder', folder, '--json').ended

    const report = JSON.parse(stdout) as { isRefused: boolean; files: { objections: { rule: string }[] }[] }
    expect(code).toBe(40)
    expect(report.files[1]?.objections.map(({ rule }) => rule)).toContain('rehearsal-rewrite')
    expect(leftovers()).toEqual(before)
  })

  test('exits 0 and shows a table on what is harmless', async () => {
    const folder = createMigrationFolder({
      '0000_base': base,
      '0001_add': 'ALTER TABLE trips ADD COLUMN note text',
    })

    const { code, stdout } = await start('--folder', folder).ended

    expect(code).toBe(0)
    expect(stdout).toMatch(/0001_add \(\d+ reads and writes meanwhile\)\n {2}# +ms +read +write/)
    expect(stdout).toMatch(/\+ column public\.trips\.note text\n/)
  })

  test('ends its server on SIGTERM and exits 143', async () => {
    const before = leftovers()
    const running = start('--folder', createMigrationFolder({ '0000_base': base }))
    await until('its work', () => running.stderr().includes('seeding'), {
      deadlineMs: 30_000,
      explain: running.stderr,
    })

    running.child.kill('SIGTERM')

    expect((await running.ended).code).toBe(143)
    expect(leftovers()).toEqual(before)
  })

  test('exits 2 on arguments that make no sense', async () => {
    expect((await start('--rows', '0').ended).code).toBe(2)
    expect((await start('--base', 'main').ended).stderr).toContain('--all and --base exclude each other')
  })
})
