import { readFileSync } from 'node:fs'
import { keyRowsOf, type SettingsOf, type SettingTable, type ValueOf } from './app-settings.ts'
import { ConfigError, type Fault } from './config-error.ts'
import type { KeyRow, KeyTable, ProcessName } from './key-row.ts'
import { keys } from './keys.ts'
import { parsers } from './parsers.ts'
import { readValue, type ReadFile } from './read-value.ts'
import { crossRules } from './cross-rules.ts'
import { unknownKeyFaults } from './unknown-keys.ts'

type Keys = typeof keys
type KeyName = keyof Keys

/** The settings of one process, keyed and typed as in the table. */
export type Config<P extends ProcessName> = {
  [K in KeyName as P extends Keys[K]['usedBy'][number] ? K : never]: ValueOf<Keys[K]>
}

type Loaded = { value: unknown } | { fault: Fault }

/** Text of a setting that is not set. A followed setting that is no number is reported by its own parser. */
function defaultOf(row: KeyRow, env: NodeJS.ProcessEnv): string | undefined {
  const followed = Number(row.follows === undefined ? '' : env[row.follows.key])
  return row.follows !== undefined && Number.isInteger(followed) && followed > 0
    ? String(followed * row.follows.times)
    : row.default
}

function shown(row: KeyRow, text: string): string {
  return row.secret === true ? '' : ` (got ${JSON.stringify(text)})`
}

function hintOf(key: string, row: KeyRow): string {
  if (row.hint !== undefined) return row.hint
  if (row.follows !== undefined) return `leave it out: it follows ${row.follows.key}`
  if (row.default !== undefined && row.default !== '') return `leave it out for the default ${row.default}`
  return `see ${key} in docs/reference/configuration.md`
}

function parseText(key: string, row: KeyRow, text: string): Loaded {
  const parsed = parsers[row.type](text, row)
  if ('value' in parsed) return { value: parsed.value }
  const problem = `${parsed.problem}${shown(row, text)}`
  return { fault: { key, problem, hint: parsed.hint ?? hintOf(key, row) } }
}

function loadKey(key: string, row: KeyRow, env: NodeJS.ProcessEnv, readFile: ReadFile): Loaded {
  const read = readValue(key, row, env, readFile)
  if ('fault' in read) return read
  const text = read.text ?? defaultOf(row, env)
  if (text !== undefined) return parseText(key, row, text)
  if (row.optional === true) return { value: undefined }
  return { fault: { key, problem: 'required and not set', hint: hintOf(key, row) } }
}

const readTextFile: ReadFile = (path) => readFileSync(path, 'utf8')

/**
 * Loads the settings of `process` and of the application from `env`. Throws one ConfigError that lists every fault.
 * Without a `table` of the application, variables that begin with APP_ are ignored.
 */
export function loadBoth<P extends ProcessName, T extends SettingTable>(
  process: P,
  env: NodeJS.ProcessEnv,
  table: T | undefined,
  readFile: ReadFile = readTextFile,
): { config: Config<P>; settings: SettingsOf<T> } {
  const faults = unknownKeyFaults(env, table)
  const load = (rows: KeyTable): Record<string, unknown> => {
    const values: Record<string, unknown> = {}
    for (const [key, row] of Object.entries(rows)) {
      if (!row.usedBy.includes(process)) continue
      const loaded = loadKey(key, row, env, readFile)
      if ('fault' in loaded) faults.push(loaded.fault)
      else values[key] = loaded.value
    }
    return values
  }
  const [config, settings] = [load(keys), load(keyRowsOf(table ?? {}))]
  faults.push(...crossRules(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return { config: config as Config<P>, settings: settings as SettingsOf<T> }
}

/** Loads the settings of a process without the application. Throws one ConfigError that lists every fault. */
export function loadConfig<P extends ProcessName>(
  process: P,
  env: NodeJS.ProcessEnv,
  readFile?: ReadFile,
): Config<P> {
  return loadBoth(process, env, undefined, readFile).config
}
