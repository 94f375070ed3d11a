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
  await session.run(advanceSequences(seeded, rows))
  await session.run('analyze')
  return seeded
}

/** To the number of rows in the table that uses the sequence, or of the largest one where no column does. */
function advanceSequences(tables: readonly SeededTable[], rows: number): string {
  const counts = [...tables.map(({ oid, rows }) => `(${oid}, ${rows})`), '(0, 0)'].join(', ')
  return `
    with counts (oid, rows) as (values ${counts}),
    uses as (
      select d.objid as sequence, d.refobjid as relation from pg_depend d
      where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
      union all
      select d.refobjid, f.adrelid from pg_depend d join pg_attrdef f on f.oid = d.objid
      where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass),
    goals as (
      select c.oid, s.*, least(s.max_value, greatest(s.min_value, coalesce(
        (select max(counts.rows) from uses join counts on counts.oid = uses.relation where uses.sequence = c.oid), ${rows}))) as goal
      from pg_sequences s join pg_namespace n on n.nspname = s.schemaname
      join pg_class c on c.relnamespace = n.oid and c.relname = s.sequencename
      where s.increment_by > 0 and s.schemaname !~ '^pg_' and s.schemaname <> 'drizzle')
    select setval(oid::regclass, goal) from goals where coalesce(last_value, min_value - 1) < goal`
}

function depthOf(table: Table, tables: readonly Table[], seen: readonly string[] = []): number {
  if (seen.includes(table.name)) return 0
  const parents = tables.filter(({ name }) => table.parents.includes(name))
  return parents.reduce(
    (depth, parent) => Math.max(depth, 1 + depthOf(parent, tables, [...seen, table.name])),
    0,
  )
}
