import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import postgres, { type Row } from 'postgres'
import { postgresOptions, type DatabaseSettings, type PostgresOptions } from '../postgres/postgres-options.ts'
import {
  sessionParameters,
  setParametersSql,
  type SessionParameters,
} from '../postgres/session-parameters.ts'
import { isTransactionPooled } from '../postgres/transaction-pooler.ts'
import { CommandError } from '../errors.ts'

export interface Session {
  /** Runs SQL text as one simple query; several statements in it give the rows of the last one. */
  run: <T extends Row = Row>(text: string) => Promise<T[]>
  /** Server process, for pg_cancel_backend and pg_blocking_pids. */
  pid: number
  close: () => Promise<void>
}

export interface SessionSettings {
  /** postgres://user:password@host:port/database */
  url: string
  applicationName: string
  ca?: string | undefined
  /** For the one attempt to connect. */
  connectTimeoutMs: number
  lockTimeoutMs: number
  statementTimeoutMs: number
}

interface SocketTarget {
  host: string[]
  port: number[]
  path?: string | false
}

function connectionLost(): Error {
  return Object.assign(new Error('the connection was lost'), { code: 'CONNECTION_CLOSED' })
}

function noAnswer(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'CONNECT_TIMEOUT' })
}

/**
 * Gives the driver one socket and never a second: after a lost connection it would go on in a new session, where the
 * advisory lock and the transaction are gone, and during start-up it would reconnect without a pause.
 */
function singleSocket(connectTimeoutMs: number) {
  let isUsed = false
  return async (target: SocketTarget): Promise<Socket> => {
    if (isUsed) throw connectionLost()
    isUsed = true
    const host = target.host[0] ?? 'localhost'
    const socket = target.path ? connect(target.path) : connect(target.port[0] ?? 5432, host)
    // The driver's own timeout begins once the socket is there.
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(noAnswer()))
    await once(socket, 'connect')
    socket.setTimeout(0)
    // The driver takes the server name for TLS from here.
    return Object.assign(socket, { host })
  }
}

/** Without the parameters of the session, which a pooler would refuse at start-up: they are set once it is there. */
function withoutParameters({ connection, ...options }: PostgresOptions, own: object): PostgresOptions {
  return {
    ...options,
    connection: Object.fromEntries(Object.entries(connection ?? {}).filter(([name]) => !(name in own))),
  }
}

interface Start {
  options: PostgresOptions
  parameters: SessionParameters
}

/** One session; the runner never leaves a transaction idle for as long as 10 s. */
export function databaseSettings(settings: SessionSettings): DatabaseSettings {
  return {
    ...settings,
    poolSize: 1,
    prepare: true,
    idleInTransactionTimeoutMs: 10_000,
  }
}

function startOf(settings: SessionSettings): Start {
  try {
    const all = databaseSettings(settings)
    const parameters = sessionParameters(all)
    return { options: withoutParameters(postgresOptions(all), parameters), parameters }
  } catch {
    // The cause is left out: Node's error for a bad URL carries the URL, and the URL carries the password.
    throw new CommandError('usage', 'the database URL cannot be parsed', {
      hint: 'expected postgres://user:password@host:5432/database; encode special characters of the password',
    })
  }
}

function pooled(): CommandError {
  return new CommandError('usage', 'DATABASE_URL leads through a pooler in transaction mode', {
    hint: 'give it the address of PostgreSQL itself, or of a pool in session mode: the lock and the time-outs of a migration belong to one session',
  })
}

/** One session that lasts until `close`, or fails for good: it never turns into another session. */
export async function openSession(settings: SessionSettings): Promise<Session> {
  let isLost = false
  const { options: own, parameters } = startOf(settings)
  const options = {
    ...own,
    max_lifetime: null,
    fetch_types: false,
  } as PostgresOptions
  const sql = postgres({
    ...options,
    ...{ socket: singleSocket(settings.connectTimeoutMs) },
    onclose: () => (isLost = true),
  } as PostgresOptions)
  const run = async <T extends Row>(text: string): Promise<T[]> => {
    // The driver would queue the statement for a connection that never comes.
    if (isLost) throw connectionLost()
    const result = await sql.unsafe(text)
    return (Array.isArray(result.at(-1)) ? result.at(-1) : result) as T[]
  }
  // The driver waits for a statement that a lost connection will never answer.
  const close = (): Promise<void> => sql.end({ timeout: isLost ? 0 : 1 })
  try {
    if (await isTransactionPooled(sql, options)) throw pooled()
    const [row] = await run<{ pid: number }>(
      `${setParametersSql({ ...parameters, client_connection_check_interval: '2s' })}; select pg_backend_pid() as pid`,
    )
    return { run, pid: row?.pid ?? 0, close }
  } catch (err) {
    await sql.end({ timeout: 0 })
    throw err
  }
}
