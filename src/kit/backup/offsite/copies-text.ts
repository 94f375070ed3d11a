import { readableAge, readableBytes } from '../../host/list-text.ts'
import { isProvenCopy, type Copy } from './list-copies.ts'
import type { KnownCopies } from './offsite-state.ts'

function readBackOf({ name, isWhole }: Copy, known: KnownCopies, now: Date): string {
  if (!isWhole) return 'NOT WHOLE'
  const about = known[name]
  if (about === undefined) return 'not known here'
  return about.isIntact ? `${readableAge(now.getTime() - Date.parse(about.readAt))} ago` : 'DAMAGED'
}

function bytesOf({ files }: Copy): number {
  return [...files.values()].reduce((sum, size) => sum + size, 0)
}

/** Formats the list of copies for the terminal. */
export function renderCopies(copies: Copy[], known: KnownCopies, now: Date): string {
  const rows = copies.map((copy) => [
    copy.name,
    readableAge(now.getTime() - copy.createdAt.getTime()),
    readableBytes(bytesOf(copy)),
    readBackOf(copy, known, now),
    isProvenCopy(copy) ? 'yes' : 'no',
  ])
  if (rows.length === 0) return 'there is no copy off-site yet'
  const all = [['OFF-SITE', 'AGE', 'SIZE', 'READ BACK', 'PROVEN'], ...rows]
  const width = (column: number): number => Math.max(...all.map((row) => row[column]?.length ?? 0))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(width(column)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
