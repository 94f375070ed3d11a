import type { RunLimits } from '../../../src/kit/migrate/run-settings.ts'

/** How long a migration of the tests waits. */
export const runLimits: RunLimits = {
  connectTimeoutMs: 5_000,
  connectWaitMs: 60_000,
  lockWaitMs: 600_000,
  lockTimeoutMs: 500,
  lockBudgetMs: 600_000,
  statementTimeoutMs: 600_000,
}
