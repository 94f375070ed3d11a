import { sql } from '../../../support/stack.ts'
import type { Ledger } from './write-load.ts'

export interface Findings {
  /** Acknowledged and not stored. */
  lost: number
  /** Stored without being acknowledged or indeterminate, stored twice, or half of a transaction: a row without its key, a key without its row. */
  leaked: number
}

/** Of a creation with a key both are committed, the row and the key, or neither. */
const halves = (mark: string): string => `
  SELECT (SELECT count(*) FROM itineraries AS i WHERE i.destination = '${mark}'
           AND NOT EXISTS (SELECT FROM idempotency_keys AS k WHERE k.key = i.title))
       + (SELECT count(*) FROM idempotency_keys AS k WHERE k.response->>'destination' = '${mark}'
           AND NOT EXISTS (SELECT FROM itineraries AS i WHERE i.title = k.key))
       + (SELECT count(*) FROM idempotency_keys WHERE response = '{}')`

/** Compares what clients were told with what the database holds of them. */
export const compareLedger = async (ledger: Ledger, mark: string): Promise<Findings> => {
  const titles = (await sql(`SELECT title FROM itineraries WHERE destination = '${mark}'`))
    .split('\n')
    .filter(Boolean)
  const stored = new Set(titles)
  const isExpected = (title: string): boolean =>
    ledger.acknowledged.has(title) || ledger.indeterminate.has(title)
  const unexpected = titles.filter((title) => !isExpected(title))
  return {
    lost: [...ledger.acknowledged].filter((title) => !stored.has(title)).length,
    leaked: unexpected.length + (titles.length - stored.size) + Number(await sql(halves(mark))),
  }
}
