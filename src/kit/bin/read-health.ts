import { missingPrivileges, type UsedTable } from '../db/app-privileges.ts'
import type { DatabaseHandle } from '../db/open-database.ts'
import { isSessionFault } from '../postgres/session-parameters.ts'
import type { AppError } from '../errors.ts'
import type { DatabaseHealth, Readiness } from '../http/app-deps.ts'
import { migrationState, type RequiredMigration } from '../migrate/migration-state.ts'

export interface Health {
  ready: () => Promise<Readiness>
  database: () => Promise<DatabaseHealth>
  /** From now on `ready` reports draining, whatever the state of the database. */
  beginDrain: () => void
}

const deadlineMs = 1_000

/** Shares a pending answer among callers, so that many probes cost one query. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => (running ??= ask().finally(() => (running = undefined)))
}

async function ask(database: DatabaseHandle, required: RequiredMigration[]) {
  const beginMs = performance.now()
  const ping = await database.ping(deadlineMs)
  const leftMs = Math.max(1, deadlineMs - (performance.now() - beginMs))
  return { ...ping, state: await database.probe(leftMs, (sql) => migrationState(sql, required)) }
}

/** Checks the session until it succeeds once: until then a pooler may drop the time-outs. */
function createSessionCheck(database: DatabaseHandle): () => Promise<AppError | undefined> {
  let isRight = false
  return async () => {
    try {
      if (!isRight) await database.assertSession(deadlineMs)
      isRight = true
    } catch (err) {
      if (isSessionFault(err)) return err
    }
    return undefined
  }
}

const privilegesCountMs = 30_000

/** Checks which privileges the API's role lacks; a success is cached for a while, or until a migration. */
function createPrivilegesCheck(
  database: DatabaseHandle,
  used: UsedTable[],
): (applied: number) => Promise<string[]> {
  let right: { applied: number; until: number } | undefined
  return async (applied) => {
    const now = performance.now()
    if (right?.applied === applied && now < right.until) return []
    const missing = await database.probe(deadlineMs, (sql) => missingPrivileges(sql, used))
    right = missing.length === 0 ? { applied, until: now + privilegesCountMs } : undefined
    return missing
  }
}

const shownPrivileges = 5

function lacking(missing: string[]): Readiness {
  return {
    ready: false,
    reason: 'privileges_missing',
    hint: `grant the role of the API: ${missing.slice(0, shownPrivileges).join(', ')}; make roles gives what no migration took away`,
  }
}

async function readiness(
  database: DatabaseHandle,
  required: RequiredMigration[],
  sessionFault: () => Promise<AppError | undefined>,
  missingOf: (applied: number) => Promise<string[]>,
): Promise<Readiness> {
  const [answer, fault] = await Promise.all([ask(database, required).catch(() => undefined), sessionFault()])
  if (fault !== undefined) return { ready: false, reason: 'session_settings', hint: fault.publicMessage }
  if (answer === undefined) return { ready: false, reason: 'database_away' }
  const { missing, belowFloor } = answer.state
  if (belowFloor !== undefined) {
    const hint = `the database was contracted for migration ${belowFloor}: deploy an image that carries it`
    return { ready: false, reason: 'migrations_missing', hint }
  }
  if (missing.length === 0) {
    const privileges = await missingOf(answer.state.applied).catch(() => undefined)
    if (privileges === undefined) return { ready: false, reason: 'database_away' }
    return privileges.length === 0 ? { ready: true } : lacking(privileges)
  }
  return { ready: false, reason: 'migrations_missing', hint: `run migrate; missing: ${missing.join(', ')}` }
}

/** Reads the answers of /readyz and /api/health/db, each within one second. */
export function readHealth(
  database: DatabaseHandle,
  required: RequiredMigration[],
  used: UsedTable[],
): Health {
  let isDraining = false
  const sessionFault = createSessionCheck(database)
  const missingOf = createPrivilegesCheck(database, used)
  const ready = shared(() => readiness(database, required, sessionFault, missingOf))
  return {
    ready: () => (isDraining ? Promise.resolve({ ready: false, reason: 'draining' }) : ready()),
    database: shared(async () => {
      const { latencyMs, serverVersion, state } = await ask(database, required)
      return {
        latencyMs,
        serverVersion,
        migrationsApplied: state.applied,
        migrationsMissing: state.missing.length,
      }
    }),
    beginDrain: () => (isDraining = true),
  }
}
