import { CommandError } from '../../errors.ts'
import type { TableRows } from './manifest.ts'

const tableDataPattern = /^\d+; \d+ \d+ TABLE DATA (.+)$/

/** Returns 'schema name owner' of every table with rows in the archive, from `pg_restore --list`. */
export function parseContents(listing: string): Set<string> {
  return new Set(listing.split('\n').flatMap((line) => tableDataPattern.exec(line)?.[1] ?? []))
}

/** pg_restore prints line breaks in names as spaces. */
function entryOf({ schema, name, owner }: TableRows): string {
  return `${schema} ${name} ${owner}`.replace(/[\r\n]/g, ' ')
}

const shownTables = 5

function some(entries: string[]): string {
  return (
    entries.slice(0, shownTables).join(', ') +
    (entries.length > shownTables ? ` and ${entries.length - shownTables} more` : '')
  )
}

export function refuseOtherContents(contents: Set<string>, tables: TableRows[]): void {
  const expected = new Set(tables.map(entryOf))
  const missing = [...expected].filter((entry) => !contents.has(entry))
  const surplus = [...contents].filter((entry) => !expected.has(entry))
  if (missing.length === 0 && surplus.length === 0) return
  throw new CommandError(
    'verification_failed',
    `the dump does not hold what was counted (missing: ${some(missing) || 'none'}; not counted: ${some(surplus) || 'none'})`,
    {
      hint: 'take another backup; tables may have been made or dropped by something other than the migrations',
    },
  )
}
