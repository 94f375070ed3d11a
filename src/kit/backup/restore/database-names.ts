import { randomBytes } from 'node:crypto'
import { CommandError } from '../../errors.ts'

export const longestIdentifierBytes = 63

export interface RestoreNames {
  live: string
  /** Where the backup is restored before anybody sees it. */
  fresh: string
  /** What the live database is called afterwards. */
  previous: string
}

const keptPattern = /_before_(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)z$/

const madeBy = {
  restore: /^_restore_[0-9a-f]{8}$/,
  swap: /^_before_\d{8}t\d{6}z$/,
}

export function compactTime(at: Date): string {
  return at
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
    .toLowerCase()
}

/** Random, because whoever fails drops what has this name: it must be nobody else's. */
export function freshName(live: string): string {
  return `${live}_restore_${randomBytes(4).toString('hex')}`
}

/** `taken`: names that are in use; two swaps within one second get different ones. */
export function restoreNames(live: string, at: Date, taken: string[] = []): RestoreNames {
  const fresh = freshName(live)
  const previous = `${live}_before_${compactTime(at)}`
  if (taken.includes(previous)) return restoreNames(live, new Date(at.getTime() + 1_000), taken)
  if (Buffer.byteLength(previous) <= longestIdentifierBytes) return { live, fresh, previous }
  throw new CommandError(
    'refused',
    `the database name '${live}' leaves no room for '_before_' and a time within ${longestIdentifierBytes} bytes`,
    { hint: 'rename the database to at most 39 bytes' },
  )
}

/** Those of `all` that a restore of `live` has made and a kill left half-done, or that its swap set aside; the oldest first. */
export function namesMadeFrom(live: string, by: keyof typeof madeBy, all: string[]): string[] {
  return all.filter((name) => name.startsWith(live) && madeBy[by].test(name.slice(live.length))).sort()
}

/** When a swap set this one aside. */
export function keptSince(name: string): Date {
  return new Date(name.replace(/^.*(?=_before_)/s, '').replace(keptPattern, '$1-$2-$3T$4:$5:$6Z'))
}
