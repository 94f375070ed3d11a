import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'

/** The parts of a checkout that `make migration` reads and writes, with the schema and the migrations of the fixture. */
function openCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const path of ['src', 'ops/postgres', 'drizzle.config.ts', 'package.json', 'tsconfig.json'])
    cpSync(path, join(root, path), { recursive: true })
  cpSync('test/kit/fixture/schema.ts', join(root, 'src/app/schema.ts'))
  cpSync('test/kit/fixture/migrations', join(root, 'migrations'), { recursive: true })
  writeFileSync(join(root, 'migrations/fingerprint.json'), '{}')
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'))
  return root
}

function generate(root: string, name: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['src/kit/bin/generate-migration.ts', '--name', name],
    { cwd: root, encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  return { status, stdout, stderr }
}

function files(root: string): string[] {
  return readdirSync(join(root, 'migrations'), { recursive: true, encoding: 'utf8' }).sort()
}

function replaceInSchema(root: string, from: string | RegExp, to: string): void {
  const path = join(root, 'src/app/schema.ts')
  const text = readFileSync(path, 'utf8')
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  writeFileSync(path, changed)
}

describe('generating a migration', { timeout: 120_000 }, () => {
  it('writes no file, and says that nothing has changed, where schema and migrations agree', () => {
    const root = openCheckout()
    const before = files(root)

    const { status, stdout } = generate(root, 'nothing')

    expect(stdout).toContain('nothing has changed')
    expect(status).toBe(0)
    expect(files(root)).toEqual(before)
  })

  it('fails with a sentence, and no stack, where drizzle-kit fails and ends with 0', () => {
    const root = openCheckout()
    const before = files(root)
    // Renamed or new? It asks, and there is no terminal.
    replaceInSchema(root, /place: text\('place'\)/, "address: text('address')")
    const fingerprint = readFileSync(join(root, 'migrations/fingerprint.json'), 'utf8')

    const { status, stdout, stderr } = generate(root, 'rename_place')

    expect(stderr).toContain('error: drizzle-kit made no migration: ')
    expect(`${stdout}${stderr}`).not.toMatch(/^\s+at /m)
    expect(status).toBe(1)
    expect(files(root)).toEqual(before)
    expect(readFileSync(join(root, 'migrations/fingerprint.json'), 'utf8')).toBe(fingerprint)
  })

  it('writes the file and the fingerprint, and names the file', () => {
    const root = openCheckout()
    replaceInSchema(root, "place: text('place')", "mood: text('mood'),\n    $&")

    const { status, stdout } = generate(root, 'add_mood')

    expect(status).toBe(0)
    expect(stdout).toMatch(/wrote migrations\/0001_add_mood\.sql\nwrote \d+ lines for 0001_add_mood/)
    expect(readFileSync(join(root, 'migrations/0001_add_mood.sql'), 'utf8')).toContain(
      'ADD COLUMN "mood" text',
    )
  })

  it('refuses names that are no name of a file', () => {
    const root = openCheckout()
    const before = files(root)
    for (const name of ['', '../outside', '$(touch p)', 'x'.repeat(61)]) {
      const { status, stderr } = generate(root, name)

      expect([status, stderr.split(' (got')[0]]).toEqual([
        2,
        'error: --name: expected letters, digits and underscores, at most 60',
      ])
    }
    expect(files(root)).toEqual(before)
  })
})
