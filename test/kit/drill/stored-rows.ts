import type { Sql } from 'postgres'
import { proof } from '#app/proof'
import { createComparison, type Findings } from './compare-ledger.ts'

/** A ledger that is closed, with what it takes to find its rows again. */
export interface ClosedLedger {
  name: string
  writer: 'api' | 'pool'
  fates: Uint8Array
}

const batch = 5_000
const { table, keyColumn, markColumn } = proof.row

/** `name.17` is write 17 of the ledger `name`; no client wrote any other key. */
function numberOf(name: string, key: string): number | undefined {
  const number = key.startsWith(`${name}.`) ? key.slice(name.length + 1) : ''
  return /^\d+$/.test(number) ? Number(number) : undefined
}

/** Through the API a write is a row and the key that it came with. */
async function compareApi(admin: Sql, { name, fates }: ClosedLedger): Promise<Findings> {
  const { see, findings } = createComparison(fates, 2)
  await admin<
    { key: string }[]
  >`select ${admin(keyColumn)} as key from ${admin(table)} where ${admin(markColumn)} = ${name}`.cursor(
    batch,
    (rows) => rows.forEach(({ key }) => see(numberOf(name, key), 0)),
  )
  await admin<{ key: string }[]>`select key from idempotency_keys where key like ${`${name}.%`}`.cursor(
    batch,
    (rows) => rows.forEach(({ key }) => see(numberOf(name, key), 1)),
  )
  return findings()
}

/** How many rows one write of the pool's own writers makes. */
export const marksPerWrite = 3

async function comparePool(admin: Sql, { name, fates }: ClosedLedger): Promise<Findings> {
  const { see, findings } = createComparison(fates, marksPerWrite)
  await admin<
    { write: number; part: number }[]
  >`select write, part from drill_marks where run = ${name}`.cursor(batch, (rows) =>
    rows.forEach(({ write, part }) => see(write, part)),
  )
  return findings()
}

/** Compares what clients were told with what the database holds. */
export function compareStored(admin: Sql, ledger: ClosedLedger): Promise<Findings> {
  return ledger.writer === 'api' ? compareApi(admin, ledger) : comparePool(admin, ledger)
}

/** Rows that belong to none of these ledgers. */
export async function countStrangers(admin: Sql, names: string[]): Promise<number> {
  const [rows] = await admin<{ count: number }[]>`
    select (select count(*) from ${admin(table)} where ${admin(markColumn)} <> all (${names}))::int
         + (select count(*) from idempotency_keys where split_part(key, '.', 1) <> all (${names}))::int
         + (select count(*) from drill_marks where run <> all (${names}))::int as count`
  return rows?.count ?? NaN
}

/** Rows in the table of the application that the API's clients write to. */
export async function countRows(admin: Sql): Promise<number> {
  const [rows] = await admin<{ count: number }[]>`select count(*)::int as count from ${admin(table)}`
  return rows?.count ?? NaN
}
