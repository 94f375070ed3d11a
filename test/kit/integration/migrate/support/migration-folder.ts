import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface TestMigration {
  sql: string
  /** Defaults to one second after the file before. */
  when?: number
}

const firstWhen = 1_700_000_000_000

export const breakpoint = '--> statement-breakpoint\n'

/** Files that open so run outside a transaction, in plain Drizzle too. */
export const outsideTransaction = `-- outside a transaction\nCOMMIT;${breakpoint}`

/** Writes a folder as drizzle-kit would; its name carries a space, a quote and an emoji. */
export function writeMigrations(folder: string, files: Record<string, string | TestMigration>): void {
  mkdirSync(join(folder, 'meta'), { recursive: true })
  const entries = Object.entries(files).map(([tag, file], idx) => {
    const { sql, when } = typeof file === 'string' ? { sql: file, when: undefined } : file
    writeFileSync(join(folder, `${tag}.sql`), sql)
    return { idx, version: '7', when: when ?? firstWhen + idx * 1_000, tag, breakpoints: true }
  })
  const journal = { version: '7', dialect: 'postgresql', entries }
  writeFileSync(join(folder, 'meta', '_journal.json'), JSON.stringify(journal, null, 2))
}

export function createMigrationFolder(files: Record<string, string | TestMigration>): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeMigrations(folder, files)
  return folder
}
