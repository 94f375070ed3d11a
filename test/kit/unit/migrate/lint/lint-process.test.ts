import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

const entry = fileURLToPath(new URL('../../../../../src/kit/bin/lint-migrations.ts', import.meta.url))

function lint(sql: string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, '0000_a.sql'), sql)
  const { status, stdout } = spawnSync(process.execPath, [entry, '--folder', folder, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, stdout, folder }
}

describe('lint-migrations', () => {
  test('exits 40 and names place, rule and hint of what it refuses', () => {
    const { status, stdout, folder } = lint('SELECT 1;\nDROP TABLE trips;')

    expect(status).toBe(40)
    expect(stdout).toContain(`${folder}/0000_a.sql:2: error[drop-table] trips: the rows are gone`)
    expect(stdout).toContain('\n  hint: release code that no longer uses it first')
  })

  test('exits 0 with nothing to refuse, warnings included', () => {
    const sql = 'ALTER TABLE trips ALTER COLUMN name TYPE text;'

    const { status, stdout } = lint(sql, '--json')

    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      files: ['0000_a.sql'],
      base: null,
      findings: [{ rule: 'type-by-rehearsal', severity: 'warning', line: 1 }],
    })
  })

  test('exits 1 when there is no such folder', () => {
    expect(lint('SELECT 1;', '--folder', '/nowhere').status).toBe(1)
  })
})
