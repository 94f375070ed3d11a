import { loadConfig, type Config } from '../../config/load.ts'
import type { RunLimits } from '../../migrate/run-settings.ts'

export function limitsOf(config: Config<'migrate'>): RunLimits {
  return {
    connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
    connectWaitMs: config.MIGRATE_CONNECT_WAIT_MS,
    lockWaitMs: config.MIGRATE_LOCK_WAIT_MS,
    lockTimeoutMs: config.MIGRATE_LOCK_TIMEOUT_MS,
    lockBudgetMs: config.MIGRATE_LOCK_BUDGET_MS,
    statementTimeoutMs: config.MIGRATE_STATEMENT_TIMEOUT_MS,
  }
}

/** The defaults of the table, for a server that this process has started by itself. */
export function usualLimits(): RunLimits {
  return limitsOf(loadConfig('migrate', { DATABASE_URL: 'postgres://migrator:unused@localhost/unused' }))
}
