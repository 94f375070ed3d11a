import type { Sql } from 'postgres'
import { AppError } from '../errors.ts'
import { refusedParameter } from './pg-error.ts'
import { sessionDefaults } from './session-defaults.ts'

export type SessionParameters = Record<string, string>

export interface SessionSettings {
  /** postgres://user:password@host:port/database, already checked by src/kit/config. */
  url: string
  statementTimeoutMs: number
  lockTimeoutMs: number
  idleInTransactionTimeoutMs: number
}

/**
 * Returns the settings that every session relies on, by name in pg_settings, as text: the driver leaves out a number
 * 0. A pooler can refuse or drop them; `findWrongParameters` detects that.
 */
export function sessionParameters(settings: SessionSettings): SessionParameters {
  const searchPath = new URL(settings.url).searchParams.get('search_path')
  return {
    ...sessionDefaults,
    ...(searchPath === null ? {} : { search_path: searchPath }),
    statement_timeout: String(settings.statementTimeoutMs),
    lock_timeout: String(settings.lockTimeoutMs),
    idle_in_transaction_session_timeout: String(settings.idleInTransactionTimeoutMs),
  }
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** One statement that sets them all for the session, for connections that send nothing at start-up. */
export function setParametersSql(parameters: SessionParameters): string {
  return `select ${Object.entries(parameters)
    .map(([name, value]) => `pg_catalog.set_config('${name}', ${literal(value)}, false)`)
    .join(', ')}`
}

export interface WrongParameter {
  name: string
  expected: string
  found: string
}

function plain(value: string): string {
  return value.replace(/\s/g, '').toLowerCase()
}

/** Returns the parameters whose value on the server differs from the one sent: a pooler in between dropped them. */
export async function findWrongParameters(
  sql: Sql,
  parameters: SessionParameters,
): Promise<WrongParameter[]> {
  const names = Object.keys(parameters).map(literal).join(', ')
  const rows = await sql.unsafe<{ name: string; setting: string }[]>(
    `select name, setting from pg_catalog.pg_settings where name in (${names})`,
  )
  return Object.entries(parameters).flatMap(([name, expected]) => {
    const found = rows.find((row) => row.name.toLowerCase() === name.toLowerCase())?.setting ?? ''
    return plain(found) === plain(expected) ? [] : [{ name, expected, found }]
  })
}

class SessionFault extends AppError {
  constructor(publicMessage: string, hint: string) {
    super('internal', publicMessage, { hint })
  }
}

/** Leaves a search_path unquoted: one pair of quotes would make the list a single name. */
function valueOf(name: string, value: string): string {
  return name === 'search_path' ? value : literal(value)
}

function dropped(wrong: WrongParameter[]): SessionFault {
  const found = wrong.map(({ name, expected, found }) => `${name} is ${found} (expected ${expected})`)
  const set = wrong.map(({ name, expected }) => `ALTER ROLE app SET ${name} = ${valueOf(name, expected)};`)
  return new SessionFault(
    `sessions of the database lack what was sent at start-up: ${found.join(', ')}`,
    `a pooler drops it: set it for the role as superuser, then RECONNECT in the pooler: ${set.join(' ')}`,
  )
}

/** PgBouncer tracks these per client. */
const carried = new Set(['client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings'])

function refused(parameter: string, parameters: SessionParameters): SessionFault {
  const names = Object.keys(parameters).filter((name) => !carried.has(name))
  return new SessionFault(
    `a pooler refuses the start-up parameter ${parameter}`,
    `set in the pooler: ignore_startup_parameters = ${names.join(',')}; the next start says what to set for the role instead`,
  )
}

/** Returns true for a fault found by `assertParameters`, false for a failure to get an answer. */
export function isSessionFault(err: unknown): err is AppError {
  return err instanceof SessionFault
}

/** Throws a SessionFault where a pooler refuses or drops a parameter; every other error of `ask` passes as it is. */
export async function assertParameters(
  ask: (find: (sql: Sql) => Promise<WrongParameter[]>) => Promise<WrongParameter[]>,
  parameters: SessionParameters,
): Promise<void> {
  try {
    const wrong = await ask((sql) => findWrongParameters(sql, parameters))
    if (wrong.length > 0) throw dropped(wrong)
  } catch (err) {
    const parameter = refusedParameter(err)
    throw parameter === undefined ? err : refused(parameter, parameters)
  }
}
