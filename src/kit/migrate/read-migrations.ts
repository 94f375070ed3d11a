import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { CommandError } from '../errors.ts'
import { refuseUnread } from './refuse-unread.ts'

export interface MigrationFile {
  /** Place in the journal, from 1. */
  position: number
  tag: string
  /** Drizzle's `when`, milliseconds: what `created_at` of the journal table holds. */
  when: number
  /** sha256 over the bytes of the file, as Drizzle computes it. */
  hash: string
  /** The same file with the other line endings, as a checkout on another system would have recorded it. */
  otherLineEndingHashes: string[]
  /** Statement texts as the breakpoints part them, header included. */
  statements: string[]
  /** false for files that open with a lone COMMIT, which plain Drizzle also runs outside its transaction. */
  isTransactional: boolean
}

const breakpoint = '--> statement-breakpoint'
const comments = /--[^\n]*(\n|$)|\/\*[\s\S]*?\*\//g

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function isLoneCommit(statement: string): boolean {
  return /^commit\s*;?$/i.test(statement.replace(comments, ' ').trim())
}

function otherLineEndings(text: string): string[] {
  const unix = text.replaceAll('\r\n', '\n')
  return [unix, unix.replaceAll('\n', '\r\n')].filter((each) => each !== text).map(sha256)
}

function tagsOf(folder: string): string[] {
  const journal = JSON.parse(readFileSync(`${folder}/meta/_journal.json`, 'utf8')) as {
    entries: { tag: string }[]
  }
  return journal.entries.map((entry) => entry.tag)
}

function unreadable(folder: string, err: unknown): CommandError {
  return new CommandError('usage', `the migrations folder cannot be read: ${(err as Error).message}`, {
    hint: `expected ${folder}/meta/_journal.json and one .sql file for each of its entries, as drizzle-kit writes them`,
    cause: err,
  })
}

function assertDistinct(files: MigrationFile[]): MigrationFile[] {
  const tags = new Set<string>()
  for (const { tag } of files) {
    if (tags.has(tag)) {
      throw new CommandError('usage', `the journal names ${tag} twice`, {
        hint: 'a merge kept both sides of meta/_journal.json: remove one entry, then run the offline check',
      })
    }
    tags.add(tag)
  }
  return files
}

/** Reads what drizzle-kit wrote, through Drizzle's own reader, so that hashes and order cannot differ from Drizzle's. */
export function readMigrations(folder: string): MigrationFile[] {
  refuseUnread(folder)
  try {
    const tags = tagsOf(folder)
    const files = readMigrationFiles({ migrationsFolder: folder }).map((meta, index) => ({
      position: index + 1,
      tag: tags[index] ?? '',
      when: meta.folderMillis,
      hash: meta.hash,
      otherLineEndingHashes: otherLineEndings(meta.sql.join(breakpoint)),
      statements: meta.sql,
      isTransactional: !isLoneCommit(meta.sql[0] ?? ''),
    }))
    return assertDistinct(files)
  } catch (err) {
    if (err instanceof CommandError) throw err
    throw unreadable(folder, err)
  }
}
