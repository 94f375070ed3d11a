import type { Fault } from './config-error.ts'
import { foreignKeys, keys, ourPrefixes } from './keys.ts'
import type { KeyRow } from './key-row.ts'

const knownNames: string[] = Object.entries<KeyRow>(keys).flatMap(([key, row]) =>
  row.secret === true ? [key, `${key}_FILE`] : [key],
)

/** Levenshtein distance, one row at a time. */
const distance = (a: string, b: string): number => {
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

const nearest = (key: string): string =>
  knownNames.reduce((best, each) => (distance(key, each) < distance(key, best) ? each : best))

const isOurs = (key: string): boolean =>
  ourPrefixes.some((prefix) => key.startsWith(prefix)) && !foreignKeys.includes(key)

/** Set variables that begin like ours and are none: a typing error that would otherwise be a silent default. */
export const unknownKeyFaults = (env: NodeJS.ProcessEnv): Fault[] =>
  Object.keys(env)
    .filter((key) => env[key] !== '' && isOurs(key) && !knownNames.includes(key))
    .map((key) => ({
      key,
      problem: 'unknown setting',
      hint: `did you mean ${nearest(key)}? See docs/reference/configuration.md`,
    }))
