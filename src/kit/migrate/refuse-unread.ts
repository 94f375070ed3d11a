import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { CommandError } from '../errors.ts'

export interface Unread {
  /** Below the migrations folder. */
  path: string
  message: string
  hint: string
}

function newLayout(path: string): Unread {
  return {
    path,
    message: `${path} is in the layout of drizzle-kit 1.0 (a folder per migration, no journal), which is not read yet`,
    hint: 'stay with drizzle-kit 0.31 (npm ci), take the folders back with git, and generate the migration again',
  }
}

function stray(path: string): Unread {
  return {
    path,
    message: `${path} is not in the journal: nothing would ever apply it`,
    hint: 'generate migrations with make migration NAME=..., which adds them to the journal; move other SQL elsewhere',
  }
}

function tagsOf(folder: string): string[] | undefined {
  try {
    const text = readFileSync(`${folder}/meta/_journal.json`, 'utf8')
    const tags = (JSON.parse(text) as { entries: { tag: string }[] }).entries.map(({ tag }) => tag)
    // A missing or broken journal, or one with a duplicate tag, is reported by its readers.
    return new Set(tags).size === tags.length ? tags : undefined
  } catch {
    return undefined
  }
}

function unreadIn(folder: string, name: string): Unread[] {
  const names = readdirSync(`${folder}/${name}`, { recursive: true, encoding: 'utf8' })
  if (names.some((each) => each === 'migration.sql' || each === 'snapshot.json'))
    return [newLayout(`${name}/migration.sql`)]
  return names.filter((each) => /\.sql$/i.test(each)).map((each) => stray(`${name}/${each}`))
}

/** Finds SQL files that no reader uses: files of a later drizzle-kit layout, or files missing from the journal. */
export function findUnread(folder: string): Unread[] {
  if (!existsSync(folder)) return []
  const tags = tagsOf(folder)
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): Unread[] => {
    if (entry.isDirectory()) return unreadIn(folder, entry.name)
    const isMigration = tags === undefined || tags.some((tag) => `${tag}.sql` === entry.name)
    return /\.sql$/i.test(entry.name) && !isMigration ? [stray(entry.name)] : []
  })
}

/** Throws for SQL that would pass unread. */
export function refuseUnread(folder: string): void {
  const [first] = findUnread(folder)
  if (first === undefined) return
  const { message, hint, path } = first
  throw new CommandError('usage', message, { hint, fields: { file: path } })
}
