import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkMigrations } from '../../../../src/kit/migrate/command/check-migrations.ts'
import { allFiles, findNewFiles } from '../../../../src/kit/migrate/check/find-new-files.ts'
import { requiredMigrations } from '../../../../src/kit/migrate/migration-state.ts'
import { readMigrations } from '../../../../src/kit/migrate/read-migrations.ts'

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A migration as drizzle-kit 1.0 writes it. */
function addNewLayout(folder: string): void {
  const migration = join(folder, '20261130120000_drop_letters')
  mkdirSync(migration)
  writeFileSync(join(migration, 'migration.sql'), 'DROP TABLE "letters";')
  writeFileSync(join(migration, 'snapshot.json'), '{}')
}

const readers: [string, (folder: string) => unknown][] = [
  ['the runner, the rehearsal and the fingerprint', readMigrations],
  ['readiness', requiredMigrations],
  ['the linter', (folder) => findNewFiles(folder)],
  ['the linter with --all', allFiles],
]

describe.each([
  ['of drizzle-kit 1.0 alone', () => createFolder()],
  [
    'that is half converted',
    () => {
      const folder = createFolder()
      cpSync('migrations', folder, { recursive: true })
      return folder
    },
  ],
])('a folder %s', (_, create) => {
  it.each(readers)('is refused by name by %s', (_reader, read) => {
    const folder = create()
    addNewLayout(folder)

    expect(() => read(folder)).toThrow(
      '20261130120000_drop_letters/migration.sql is in the layout of drizzle-kit 1.0',
    )
  })

  it('is refused by name by the check', async () => {
    const folder = create()
    addNewLayout(folder)

    const { exit, text } = await checkMigrations({ folder })

    expect(exit).toBe('usage')
    expect(text).toContain('is in the layout of drizzle-kit 1.0')
  })
})

describe('SQL that the journal does not name', () => {
  it.each(readers)('is refused by %s', (_, read) => {
    const folder = createFolder()
    cpSync('migrations', folder, { recursive: true })
    writeFileSync(join(folder, '0001_stray.sql'), 'DROP TABLE "letters";')

    expect(() => read(folder)).toThrow('0001_stray.sql is not in the journal: nothing would ever apply it')
  })
})
