import type { Report } from './event.ts'

/** Time limits of a run, in milliseconds; each is a setting of the table in src/kit/config. */
export interface RunLimits {
  /** For one attempt to connect. */
  connectTimeoutMs: number
  /** Longest wait for an answer of the server. */
  connectWaitMs: number
  /** Longest wait for another migrator or a dump. */
  lockWaitMs: number
  /** lock_timeout of each statement; below deadlock_timeout (1 s), so that the migration loses and not a user. */
  lockTimeoutMs: number
  /** Time for retries of a statement that gets no lock. */
  lockBudgetMs: number
  statementTimeoutMs: number
}

export interface RunSettings extends RunLimits {
  /** postgres://migrator:password@host:port/database */
  url: string
  /** Output folder of drizzle-kit: *.sql and meta/. */
  folder: string
  ca?: string | undefined
  report?: Report | undefined
  /** Its reason is a CommandError with the exit of the signal. */
  signal?: AbortSignal | undefined
  allowOutOfOrder?: boolean | undefined
}
