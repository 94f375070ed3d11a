import { performance } from 'node:perf_hooks'
import type { Session } from '../../postgres/session.ts'
import type { Manifest, TableRows } from './manifest.ts'
import { listTables, type TableName } from './list-tables.ts'

export type TableContent = Manifest['tables'][number]

type TableHash = NonNullable<TableContent['hash']>
type HashWay = Pick<TableHash, 'of' | 'sampleOneIn'>

/** Hash within a time and sample beyond it, or hash exactly as a manifest did, to compare with it. */
export type HashPlan = { budgetMs: number } | { like: TableContent[] }

/** Before anything was measured: what a small machine hashes at least. */
const firstBytesPerMs = 50_000
const rarestSample = 1_000

/** Rows of which the hash is taken: all, or those whose key says so, which are the same ones on every server. */
function sampleClause({ key }: TableName, oneIn: number): string {
  return oneIn === 1 || key === null ? '' : ` filter (where mod(hashtextextended(${key}, 1), ${oneIn}) = 0)`
}

/** Columns by their own hashes are had for a third of what it costs to write the row as text. */
function rowHash({ columns }: TableName, of: TableHash['of']): string {
  return of === 'text' ? 'hashtextextended(slipway_row::text, 0)' : `hash_record_extended(row(${columns}), 0)`
}

/** The sum does not care for the order of the rows. One pass counts and hashes. */
function hashQuery(table: TableName, way: HashWay | null): string {
  const hash =
    way === null
      ? 'null'
      : `coalesce(sum(${rowHash(table, way.of)})${sampleClause(table, way.sampleOneIn)}, 0)::text`
  return `select count(*)::text as rows, ${hash} as value from only ${table.quoted} as slipway_row`
}

async function readContent(session: Session, table: TableName, way: HashWay | null): Promise<TableContent> {
  const { schema, name, owner } = table
  // Rolled back to, it gives up the locks of this table: kept for thousands of tables they would be more than the server has.
  await session`savepoint slipway_table`
  const [row] = await session.unsafe<{ rows: string; value: string | null }[]>(hashQuery(table, way))
  await session`rollback to savepoint slipway_table`
  const hash = way === null || row?.value == null ? null : { value: row.value, ...way }
  return { schema, name, owner, rows: Number(row?.rows), hash }
}

function readLike(session: Session, table: TableName, like: TableHash | null): Promise<TableContent> {
  return readContent(session, table, like === null ? null : { of: like.of, sampleOneIn: like.sampleOneIn })
}

/** How many rows there is time for: all, one in n by their key, or none where no key tells them apart. */
export function chooseSample(
  { bytes, key }: Pick<TableName, 'bytes' | 'key'>,
  leftMs: number,
  bytesPerMs: number,
): number | null {
  const neededMs = bytes / bytesPerMs
  if (neededMs <= leftMs) return 1
  if (key === null) return null
  return Math.max(1, Math.min(rarestSample, Math.ceil(neededMs / Math.max(leftMs, 1))))
}

async function withinBudget(
  session: Session,
  tables: TableName[],
  budgetMs: number,
): Promise<TableContent[]> {
  const read: TableContent[] = []
  const begin = performance.now()
  let hashedBytes = 0
  for (const table of [...tables].sort((a, b) => a.bytes - b.bytes)) {
    const spentMs = performance.now() - begin
    const bytesPerMs = hashedBytes > 10_000_000 ? hashedBytes / spentMs : firstBytesPerMs
    const oneIn = chooseSample(table, budgetMs - spentMs, bytesPerMs)
    read.push(
      await readContent(session, table, oneIn === null ? null : { of: 'columns', sampleOneIn: oneIn }),
    )
    hashedBytes += table.bytes
  }
  return read
}

function nameOf({ schema, name }: Pick<TableRows, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

/**
 * Rows and hash of every table that a dump holds, in the order of their names. The session is in a transaction with the
 * canonical settings: canonical-settings.ts.
 */
export async function hashTables(session: Session, plan: HashPlan): Promise<TableContent[]> {
  const tables = await listTables(session)
  const read: TableContent[] = []
  if ('budgetMs' in plan) read.push(...(await withinBudget(session, tables, plan.budgetMs)))
  else {
    const wanted = new Map(plan.like.map((table) => [nameOf(table), table.hash]))
    for (const table of tables) read.push(await readLike(session, table, wanted.get(nameOf(table)) ?? null))
  }
  return read.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

/** One line per table whose rows are other ones, though their number may be the same. */
export function hashDifferences(expected: TableContent[], actual: TableContent[]): string[] {
  const found = new Map(actual.map((table) => [nameOf(table), table.hash?.value]))
  return expected
    .filter((table) => table.hash !== null && found.get(nameOf(table)) !== table.hash.value)
    .map((table) => `${nameOf(table)} holds other rows than were backed up`)
}
