import type { Report } from './event.ts'

/** How long a run waits, in milliseconds; each is a setting of the table in src/kit/config. */
export interface RunLimits {
  /** For one attempt to connect. */
  connectTimeoutMs: number
  /** How long to wait for the server to answer. */
  connectWaitMs: number
  /** How long to wait for another migrator or a dump. */
  lockWaitMs: number
  /** lock_timeout of each statement; below deadlock_timeout (1 s), so that the migration loses and not a user. */
  lockTimeoutMs: number
  /** How long a statement is tried again that gets no lock. */
  lockBudgetMs: number
  statementTimeoutMs: number
}

export interface RunSettings extends RunLimits {
  /** postgres://migrator:password@host:port/database */
  url: string
  /** Where drizzle-kit writes: *.sql and meta/. */
  folder: string
  ca?: string | undefined
  report?: Report | undefined
  /** Its reason is a CommandError with the exit of the signal. */
  signal?: AbortSignal | undefined
  allowOutOfOrder?: boolean | undefined
}
