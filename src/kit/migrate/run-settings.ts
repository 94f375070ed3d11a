import type { Report } from './event.ts'

export interface RunSettings {
  /** postgres://migrator:password@host:port/database */
  url: string
  /** Where drizzle-kit writes: *.sql and meta/. */
  folder: string
  ca?: string | undefined
  report?: Report | undefined
  /** Its reason is `terminated` or `interrupted`. */
  signal?: AbortSignal | undefined
  allowOutOfOrder?: boolean | undefined
  /** How long to wait for the server to answer. */
  connectWaitMs?: number | undefined
  /** How long to wait for another migrator or a dump. */
  lockWaitMs?: number | undefined
  /** lock_timeout of each statement; below deadlock_timeout (1 s), so that the migration loses and not a user. */
  lockTimeoutMs?: number | undefined
  lockBudgetMs?: number | undefined
  statementTimeoutMs?: number | undefined
}
