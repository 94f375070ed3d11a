import { BlockList, isIP } from 'node:net'
import { Cron } from 'croner'
import type { KeyRow, KeyType, TypeOf } from './key-row.ts'
import { parsePostgresUrl } from './parse-postgres-url.ts'

export type Parsed<T> = { value: T } | { problem: string; hint?: string }

type Parser<T> = (text: string, row: KeyRow) => Parsed<T>

function ok<T>(value: T): Parsed<T> {
  return { value }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

function wholeNumber(unit: string, lowest: number, highest: number): Parser<number> {
  return (text, row) => {
    const min = row.min ?? lowest
    const max = row.max ?? highest
    const value = /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max
      ? ok(value)
      : { problem: `expected a whole number${unit} from ${min} to ${max}` }
  }
}

const boolean: Parser<boolean> = (text) =>
  text === 'true' || text === 'false' ? ok(text === 'true') : { problem: 'expected true or false' }

const onOff: Parser<boolean> = (text) =>
  text === 'on' || text === 'off' ? ok(text === 'on') : { problem: 'expected on or off' }

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const logLevel: Parser<TypeOf['log_level']> = (text) => {
  const level = levels.find((each) => each === text)
  return level === undefined ? { problem: `expected one of ${levels.join(', ')}` } : ok(level)
}

/** Returns the origin when the URL has only scheme, host and port. */
function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isBare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  return isBare && ['http:', 'https:'].includes(url.protocol) ? url.origin : undefined
}

const webUrl: Parser<string> = (text) => {
  const origin = originOf(text)
  return origin === undefined
    ? { problem: 'expected scheme and host, such as https://example.org' }
    : ok(origin)
}

const httpUrl: Parser<string> = (text) =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)
    ? ok(text)
    : { problem: 'expected a URL that begins with http:// or https://' }

const origins: Parser<string[]> = (text) => {
  const parsed = listOf(text).map(originOf)
  const known = parsed.filter((each) => each !== undefined)
  return known.length === parsed.length
    ? ok(known)
    : { problem: 'expected origins such as https://app.example.org, separated by commas' }
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix)) return false
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4')
    return true
  } catch {
    return false
  }
}

const cidrs: Parser<string[]> = (text) => {
  const list = listOf(text)
  return list.every(isCidr)
    ? ok(list)
    : { problem: 'expected networks such as 172.16.0.0/12, separated by commas' }
}

/** Returns false for a cron expression that never matches a date. */
function comesRound(expression: string): boolean {
  try {
    return new Cron(expression, { timezone: 'UTC', paused: true, mode: '5-part' }).nextRun() !== null
  } catch {
    return false
  }
}

const cron: Parser<string> = (text) =>
  comesRound(text) ? ok(text) : { problem: 'expected a cron expression of five fields' }

const secretText: Parser<string> = (text, row) => {
  const min = row.min ?? 1
  return text.length >= min
    ? ok(text)
    : { problem: `expected at least ${min} characters, found ${text.length}` }
}

const dayMs = 86_400_000

export const parsers: { [T in KeyType]: Parser<TypeOf[T]> } = {
  text: ok,
  integer: wholeNumber('', 0, Number.MAX_SAFE_INTEGER),
  milliseconds: wholeNumber(' of milliseconds', 0, dayMs),
  bytes: wholeNumber(' of bytes', 0, Number.MAX_SAFE_INTEGER),
  port: wholeNumber('', 0, 65_535),
  boolean,
  on_off: onOff,
  log_level: logLevel,
  web_url: webUrl,
  http_url: httpUrl,
  postgres_url: parsePostgresUrl,
  origins,
  cidrs,
  cron,
  file_text: ok,
  secret_text: secretText,
}
