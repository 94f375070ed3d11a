import { randomBytes } from 'node:crypto'
import { CommandError } from '../../errors.ts'

export const longestIdentifierBytes = 63

export interface RestoreNames {
  live: string
  /** Name during the restore, before the swap. */
  fresh: string
  /** Name of the former live database after the swap. */
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

/** Random suffix: a failed restore drops the database of this name, so it must be unique. */
export function freshName(live: string): string {
  return `${live}_restore_${randomBytes(4).toString('hex')}`
}

/**
 * Returns the names for a swap. `taken` are existing names; two swaps within one second get different
 * names.
 */
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

/**
 * Returns those of `all` that unfinished restores of `live` created, or that its swaps set aside, oldest
 * first.
 */
export function namesMadeFrom(live: string, by: keyof typeof madeBy, all: string[]): string[] {
  return all.filter((name) => name.startsWith(live) && madeBy[by].test(name.slice(live.length))).sort()
}

/** Returns the time of the swap that set the database aside. */
export function keptSince(name: string): Date {
  return new Date(name.replace(/^.*(?=_before_)/s, '').replace(keptPattern, '$1-$2-$3T$4:$5:$6Z'))
}
