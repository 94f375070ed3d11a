export type ProcessName =
  'server' | 'migrate' | 'backup' | 'drill' | 'seed' | 'healthcheck' | 'embedded' | 'compose'

/** Types of setting values by name; `parsers.ts` holds one parser for each. */
export interface TypeOf {
  text: string
  integer: number
  milliseconds: number
  bytes: number
  port: number
  boolean: boolean
  /** on or off. */
  on_off: boolean
  log_level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  web_url: string
  /** With path and query, as it was written. */
  http_url: string
  postgres_url: string
  origins: string[]
  cidrs: string[]
  /** A cron expression of five fields, as it was written. */
  cron: string
  /** Value of the setting is a path; the loaded value is the text of that file. */
  file_text: string
  secret_text: string
}

export type KeyType = keyof TypeOf

export interface KeyRow {
  type: KeyType
  /** Section of `.env.example` and of the reference page. */
  group: string
  /** One or two sentences: what it does, its unit, when to change it. */
  help: string
  usedBy: readonly ProcessName[]
  /** In the form of `.env`; parsed like any other value. Without `default` and `optional` the key is required. */
  default?: string
  /** Default as a multiple of another setting; `default` is the result when neither is set. */
  follows?: { key: string; times: number }
  optional?: true
  /** Written as a live line of `.env.example`; every other row stands there as a comment with its default. */
  example?: string
  /** Never echoed, may come from KEY_FILE. */
  secret?: true
  /** An empty file counts as not set: Compose mounts an empty one before the operator has written a value. */
  mayBeEmpty?: true
  min?: number
  max?: number
  /** Next step for the operator when the value is missing or wrong. */
  hint?: string
}

export type KeyTable = Readonly<Record<string, KeyRow>>
