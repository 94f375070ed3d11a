import { keyRowsOf, settingPrefix, type SettingTable } from './app-settings.ts'
import type { Fault } from './config-error.ts'
import { foreignKeys, keys, ourPrefixes } from './keys.ts'
import type { KeyTable } from './key-row.ts'

function namesIn(rows: KeyTable): string[] {
  return Object.entries(rows).flatMap(([key, row]) => (row.secret === true ? [key, `${key}_FILE`] : [key]))
}

/** Levenshtein distance, one row at a time. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replace = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replace, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

function nearest(key: string, names: string[]): string {
  return names.reduce((best, each) => (distance(key, each) < distance(key, best) ? each : best))
}

/**
 * Reports set variables that have a prefix of ours and no row: typing errors that would otherwise be ignored.
 * Variables that begin with APP_ are checked only with the table of the application.
 */
export function unknownKeyFaults(env: NodeJS.ProcessEnv, table?: SettingTable): Fault[] {
  const names = namesIn({ ...keys, ...keyRowsOf(table ?? {}) })
  const prefixes = table === undefined ? ourPrefixes : [...ourPrefixes, settingPrefix]
  const isOurs = (key: string): boolean =>
    prefixes.some((prefix) => key.startsWith(prefix)) && !foreignKeys.includes(key)
  return Object.keys(env)
    .filter((key) => env[key] !== '' && isOurs(key) && !names.includes(key))
    .map((key) => ({
      key,
      problem: 'unknown setting',
      hint: `did you mean ${nearest(key, names)}? See docs/reference/configuration.md`,
    }))
}
