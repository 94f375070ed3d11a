import postgres, { type Sql } from 'postgres'
import { postgresOptions, type ServerSettings, type PostgresOptions } from './postgres-options.ts'
import { isTransactionPooled } from './transaction-pooler.ts'
import { CommandError } from '../errors.ts'

/** A single connection, so that session locks and an open transaction persist between statements. */
export type Session = Sql

export interface SessionOptions {
  settings: ServerSettings
  /** Instead of the one in the URL. */
  database?: string
  lockTimeoutMs: number
  /** Cuts the connection, whatever statement is under way. */
  signal?: AbortSignal | undefined
}

const closeTimeoutSeconds = 5
/** Without it the server runs a long statement to its end, under its locks, for a disconnected client. */
const clientCheckInterval = '1s'

function optionsOf({ settings, database, lockTimeoutMs }: SessionOptions): PostgresOptions {
  const options = postgresOptions({
    ...settings,
    lockTimeoutMs,
    // Counting a large table takes as long as it takes, and the snapshot stays open for the whole dump.
    statementTimeoutMs: 0,
    idleInTransactionTimeoutMs: 0,
    poolSize: 1,
    prepare: false,
  })
  // The driver would otherwise drop the connection after half an hour, and the lock with it.
  return { ...options, ...(database === undefined ? {} : { database }), max_lifetime: null }
}

async function refuseTransactionPooler(session: Session, options: PostgresOptions): Promise<void> {
  if (!(await isTransactionPooled(session, options))) return
  throw new CommandError('unreachable', 'DATABASE_URL leads through a pooler in transaction mode', {
    hint: 'give it the address of PostgreSQL itself: the lock and the snapshot of a backup belong to one session',
  })
}

/** Opens one session for `work` and closes it afterwards. */
export async function withSession<T>(
  options: SessionOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const { signal } = options
  signal?.throwIfAborted()
  const driverOptions = optionsOf(options)
  const session = postgres(driverOptions)
  const cut = (): void => void session.end({ timeout: 0 })
  signal?.addEventListener('abort', cut, { once: true })
  try {
    await refuseTransactionPooler(session, driverOptions)
    await session`select set_config('client_connection_check_interval', ${clientCheckInterval}, false)`
    return await use(session)
  } catch (err) {
    // The error that came up is a consequence of the abort.
    signal?.throwIfAborted()
    throw err
  } finally {
    signal?.removeEventListener('abort', cut)
    await session.end({ timeout: closeTimeoutSeconds })
  }
}

/** Returns the pid of the session's backend. */
export async function backendOf(session: Session): Promise<number> {
  const [row] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`
  return row?.pid ?? 0
}

/**
 * Throws when the backend changed: the driver reconnects silently, and a new session has lost its locks and its
 * transaction.
 */
export async function refuseAnotherBackend(session: Session, backend: number): Promise<void> {
  if ((await backendOf(session)) === backend) return
  throw new CommandError('failed', 'the connection to the database was lost in the middle', {
    hint: 'try again; read the log of the database',
  })
}
