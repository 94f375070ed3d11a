import type { Session } from '../open-session.ts'
import { loadTables, type Table } from './load-tables.ts'
import { type SeededTable, seedTable } from './seed-table.ts'

/** Row numbers that inserts of the traffic can use, whose parents exist, on each level of foreign keys. */
export const spareRows = 100

/**
 * Fills every empty table; one with foreign keys gets `spareRows` fewer rows than its parents. `ours` remembers from
 * file to file which tables hold nothing but rows made here.
 */
export async function seedTables(session: Session, rows: number, ours: Set<string>): Promise<SeededTable[]> {
  await session.run(
    "set session_replication_role = 'replica'; set lock_timeout = 0; set statement_timeout = 0",
  )
  const tables = await loadTables(session)
  const seeded: SeededTable[] = []
  for (const table of tables) {
    const filled = await seedTable(session, table, Math.max(1, rows - spareRows * depthOf(table, tables)))
    if (filled.isOurs) ours.add(table.name)
    seeded.push({ ...filled, isOurs: ours.has(table.name) })
  }
  await session.run('analyze')
  return seeded
}

function depthOf(table: Table, tables: readonly Table[], seen: readonly string[] = []): number {
  if (seen.includes(table.name)) return 0
  const parents = tables.filter(({ name }) => table.parents.includes(name))
  return parents.reduce(
    (depth, parent) => Math.max(depth, 1 + depthOf(parent, tables, [...seen, table.name])),
    0,
  )
}
