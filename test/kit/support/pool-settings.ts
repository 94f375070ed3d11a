import type { PoolSettings } from '../../../src/kit/db/open-database.ts'
import type { DatabaseSettings } from '../../../src/kit/postgres/postgres-options.ts'

/** A database of the tests but for its URL. */
export const databaseSettings: Omit<DatabaseSettings, 'url'> = {
  applicationName: 'test',
  poolSize: 10,
  connectTimeoutMs: 5_000,
  prepare: true,
  statementTimeoutMs: 5_000,
  lockTimeoutMs: 2_000,
  idleInTransactionTimeoutMs: 10_000,
}

/** A pool of the tests but for its URL. */
export const poolSettings: Omit<PoolSettings, 'url'> = {
  ...databaseSettings,
  queryTimeoutMs: 6_000,
  poolWaitMs: 1_000,
}
