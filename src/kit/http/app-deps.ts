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
  /** Deadline for the response to every request. */
  requestTimeoutMs: number
  /** Origins, besides that of `publicUrl`, that may call the API from a browser; empty switches CORS off. */
  corsOrigins: readonly string[]
  publicUrl: string
  /** CIDRs of the proxies whose X-Forwarded-For and X-Request-Id headers are trusted. */
  trustedProxies: readonly string[]
  /** File of the `redoc` package's standalone bundle; without it the page links to the document instead. */
  docsScriptPath?: string | undefined
}

export interface AppDeps {
  /** Passed on to the verbs of the application. */
  db: Database
  auth: Auth
  logger: Logger
  metrics: Pick<Metrics, 'registerRoute' | 'beginRequest' | 'endRequest' | 'observeRequest' | 'countShed'>
  health: {
    /** Resolves within its own deadline and never rejects. */
    ready: () => Promise<Readiness>
    /** Rejects when the database does not answer. */
    database: () => Promise<DatabaseHealth>
  }
  /** Translates errors of the driver, which http does not import: an unreachable database becomes `unavailable`. */
  explainError: (err: unknown) => AppError | undefined
  /** Limits how many requests under /api run at the same time. */
  gate: Gate
  settings: HttpSettings
  /** Values of the application's settings, keyed by setting name. */
  appSettings: unknown
}
