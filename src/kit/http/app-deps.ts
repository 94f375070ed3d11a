import type { AppError } from '../errors.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Auth } from '../auth/create-auth.ts'
import type { Database } from '../db/open-database.ts'
import type { Gate } from './gate.ts'

export type Readiness =
  | { ready: true }
  | {
      ready: false
      reason: 'draining' | 'database_away' | 'session_settings' | 'migrations_missing' | 'privileges_missing'
      hint?: string
    }

export interface DatabaseHealth {
  latencyMs: number
  serverVersion: string
  migrationsApplied: number
  migrationsMissing: number
}

export interface HttpSettings {
  bodyLimitBytes: number
  /** Every request is answered by then. */
  requestTimeoutMs: number
  /** Origins that may call the API from a browser besides `publicUrl`; empty switches CORS off. */
  corsOrigins: readonly string[]
  publicUrl: string
  /** CIDRs of the proxies whose X-Forwarded-For and X-Request-Id are believed. */
  trustedProxies: readonly string[]
  /** File of the `redoc` package's standalone bundle; without it the page says how to read the document instead. */
  docsScriptPath?: string | undefined
}

export interface AppDeps {
  /** Handed on to the verbs of the application. */
  db: Database
  auth: Auth
  logger: Logger
  metrics: Pick<Metrics, 'registerRoute' | 'beginRequest' | 'endRequest' | 'observeRequest' | 'countShed'>
  health: {
    /** Settles within its own deadline and never rejects. */
    ready: () => Promise<Readiness>
    /** Rejects when the database does not answer. */
    database: () => Promise<DatabaseHealth>
  }
  /** Knows a driver's errors, which this room may not: a database that is away becomes `unavailable`. */
  explainError: (err: unknown) => AppError | undefined
  /** Bounds the requests under /api that run at the same time. */
  gate: Gate
  settings: HttpSettings
  /** Values of the settings of the application, by the names of their rows. */
  appSettings: unknown
}
