import { setTimeout as sleep } from 'node:timers/promises'
import { isUnavailable, refusedParameter } from '../postgres/pg-error.ts'
import { errorCode } from './error-code.ts'
import type { Report } from './event.ts'
import { CommandError } from '../errors.ts'
import { openSession, type Session, type SessionSettings } from './open-session.ts'

interface Patience {
  /**
   * Time without an answer until exit 22. A server that reports that it is starting is waited for without this limit.
   */
  waitMs: number
  report: Report
  signal?: AbortSignal | undefined
}

const attemptTimeoutMs = 5_000

/** cannot_connect_now: the server starts, recovers or stops. */
const startingCode = '57P03'

/** A restore swaps the names of two databases: for a moment neither has the name. */
const swapMs = 2_000

const hints: Record<string, string> = {
  '28P01':
    'check role and password of DATABASE_URL; make roles writes the passwords of secrets/ into the database',
  '3D000': 'check the name of the database in DATABASE_URL',
  TLS_REFUSED: 'the server offers no TLS: take sslmode out of DATABASE_URL, or switch ssl on in the server',
}

function refused(err: unknown): CommandError {
  const code = errorCode(err)
  const parameter = refusedParameter(err)
  const about = parameter === undefined ? code : `${code}: a pooler refuses the parameter ${parameter}`
  return new CommandError('usage', `the database refused this connection (${about})`, {
    hint: hints[code] ?? 'check role, password, database name, parameters and sslmode of DATABASE_URL',
    // No cause: messages of the driver and of TLS may quote what they were given.
    fields: { sql_state: code },
  })
}

function unreachable(waitMs: number, code: string): CommandError {
  return new CommandError(
    'unreachable',
    `the database cannot be reached (${code}) after ${Math.round(waitMs)} ms`,
    {
      hint: 'look whether the server runs and listens at the host and port of DATABASE_URL',
      fields: { sql_state: code },
    },
  )
}

/** Returns true for an error that a retry would meet again. */
function isPermanent(err: unknown, spentMs: number): boolean {
  return (
    !isUnavailable(err) ||
    refusedParameter(err) !== undefined ||
    (errorCode(err) === '3D000' && spentMs >= swapMs)
  )
}

/** Opens a session as soon as the server accepts it; retries only after transient errors. */
export async function waitForDatabase(settings: SessionSettings, patience: Patience): Promise<Session> {
  const startedAt = performance.now()
  let silentSince = startedAt
  for (let attempt = 1; ; attempt += 1) {
    const leftMs = patience.waitMs - (performance.now() - silentSince)
    try {
      const connectTimeoutMs = Math.max(100, Math.min(attemptTimeoutMs, leftMs))
      return await openSession({ ...settings, connectTimeoutMs })
    } catch (err) {
      if (err instanceof CommandError) throw err
      const spentMs = performance.now() - startedAt
      if (isPermanent(err, spentMs)) throw refused(err)
      const isStarting = errorCode(err) === startingCode
      if (isStarting) silentSince = performance.now()
      const silentMs = performance.now() - silentSince
      if (!isStarting && silentMs >= patience.waitMs) throw unreachable(silentMs, errorCode(err))
      const fields = { attempt, ms: Math.round(spentMs), sql_state: errorCode(err) }
      const msg = isStarting ? 'the database is still starting' : 'the database does not answer yet'
      patience.report({ event: 'waiting_for_database', msg, ...fields })
      const pauseMs = 100 + Math.random() * Math.min(900, 100 * attempt)
      const longestMs = isStarting ? pauseMs : patience.waitMs - silentMs
      await sleep(Math.min(pauseMs, longestMs), undefined, { signal: patience.signal })
    }
  }
}
