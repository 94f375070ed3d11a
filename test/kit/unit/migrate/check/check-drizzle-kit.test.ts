import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkDrizzleKit } from '../../../../../src/kit/migrate/check/check-drizzle-kit.ts'

function copyOfMigrations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway kit '))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync('migrations', folder, { recursive: true })
  return folder
}

describe('checkDrizzleKit', { timeout: 30_000 }, () => {
  it('is content with the migrations of this repository', async () => {
    expect(await checkDrizzleKit('migrations')).toEqual({ faults: [] })
  })

  it('sees a schema that was changed without a migration', async () => {
    const folder = copyOfMigrations()
    const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
      entries: { tag: string }[]
    }
    const path = join(folder, 'meta', `${journal.entries.at(-1)?.tag.slice(0, 4) ?? ''}_snapshot.json`)
    const snapshot = JSON.parse(readFileSync(path, 'utf8')) as { tables: Record<string, unknown> }
    const others = Object.entries(snapshot.tables).filter(([name]) => name !== 'public.idempotency_keys')
    writeFileSync(path, JSON.stringify({ ...snapshot, tables: Object.fromEntries(others) }))

    const { faults } = await checkDrizzleKit(folder)

    expect(faults).toMatchObject([
      { exit: 'pending', message: 'the schema in TypeScript has changes that no migration makes' },
    ])
  })

  it('sees where generate wants a terminal and drizzle-kit has not compared', async () => {
    const folder = copyOfMigrations()
    const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
      entries: { tag: string }[]
    }
    const path = join(folder, 'meta', `${journal.entries.at(-1)?.tag.slice(0, 4) ?? ''}_snapshot.json`)
    // A table under another name: drizzle-kit asks whether it was renamed.
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('idempotency_keys', 'keys_of_once'))

    const { faults } = await checkDrizzleKit(folder)

    expect(faults).toMatchObject([
      { exit: 'pending', message: expect.stringContaining('could not compare') as string },
    ])
  })

  it('does not take a warning of drizzle-kit for content', async () => {
    const folder = copyOfMigrations()
    const path = join(folder, 'meta/_journal.json')
    const journal = JSON.parse(readFileSync(path, 'utf8')) as { entries: Record<string, unknown>[] }
    const last = journal.entries.at(-1)
    writeFileSync(path, JSON.stringify({ ...journal, entries: [...journal.entries, { ...last, when: 1 }] }))

    const { faults } = await checkDrizzleKit(folder)

    expect(faults[0]?.message).toContain('drizzle-kit check is not content')
  })
})
