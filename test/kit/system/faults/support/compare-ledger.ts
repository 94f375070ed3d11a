import { proof } from '#app/proof'
import { sql } from '../../../support/stack.ts'
import type { Ledger } from './write-load.ts'

export interface Findings {
  /** Acknowledged and not stored. */
  lost: number
  /** Stored without being acknowledged or indeterminate, stored twice, or half of a transaction: a row without its key, a key without its row. */
  leaked: number
}

const { table, keyColumn, markColumn, markField } = proof.row

/** Of a creation with a key both are committed, the row and the key, or neither. */
function halves(mark: string): string {
  return `
  SELECT (SELECT count(*) FROM ${table} AS r WHERE r.${markColumn} = '${mark}'
           AND NOT EXISTS (SELECT FROM idempotency_keys AS k WHERE k.key = r.${keyColumn}))
       + (SELECT count(*) FROM idempotency_keys AS k WHERE k.response->>'${markField}' = '${mark}'
           AND NOT EXISTS (SELECT FROM ${table} AS r WHERE r.${keyColumn} = k.key))
       + (SELECT count(*) FROM idempotency_keys WHERE response = '{}')`
}

/** Compares what clients were told with what the database holds of them. */
export async function compareLedger(ledger: Ledger, mark: string): Promise<Findings> {
  const keys = (await sql(`SELECT ${keyColumn} FROM ${table} WHERE ${markColumn} = '${mark}'`))
    .split('\n')
    .filter(Boolean)
  const stored = new Set(keys)
  const isExpected = (key: string): boolean => ledger.acknowledged.has(key) || ledger.indeterminate.has(key)
  const unexpected = keys.filter((key) => !isExpected(key))
  return {
    lost: [...ledger.acknowledged].filter((key) => !stored.has(key)).length,
    leaked: unexpected.length + (keys.length - stored.size) + Number(await sql(halves(mark))),
  }
}
