import postgres, { type Sql } from 'postgres'
import { postgresOptions } from '../../../../src/kit/postgres/postgres-options.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

/** One connection; the driver itself would not decode the name of the database in a URL. */
export function openClient(url: string): Sql {
  return postgres({
    ...postgresOptions({
      ...databaseSettings,
      url,
      statementTimeoutMs: 0,
      idleInTransactionTimeoutMs: 0,
    }),
    max: 1,
  })
}
