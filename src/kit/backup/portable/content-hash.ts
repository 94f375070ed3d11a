import { performance } from 'node:perf_hooks'
import type { Session } from '../../postgres/session.ts'
import type { Manifest, TableRows } from './manifest.ts'
import { listTables, type TableName } from './list-tables.ts'

export type TableContent = Manifest['tables'][number]

type TableHash = NonNullable<TableContent['hash']>
type HashWay = Pick<TableHash, 'of' | 'sampleOneIn'>

/**
 * `budgetMs` hashes within that time and samples the rest. `like` hashes exactly as a manifest did, to
 * compare with it.
 */
export type HashPlan = { budgetMs: number } | { like: TableContent[] }

/** Assumed rate before the first measurement; a small machine hashes at least this fast. */
const firstBytesPerMs = 50_000
const rarestSample = 1_000

/** Selects the rows to hash: all, or a sample by key, which is the same on every server. */
function sampleClause({ key }: TableName, oneIn: number): string {
  return oneIn === 1 || key === null ? '' : ` filter (where mod(hashtextextended(${key}, 1), ${oneIn}) = 0)`
}

/** Hashing columns takes a third of the time of hashing the row as text. */
function rowHash({ columns }: TableName, of: TableHash['of']): string {
  return of === 'text' ? 'hashtextextended(slipway_row::text, 0)' : `hash_record_extended(row(${columns}), 0)`
}

/** The sum is independent of the row order. One pass counts and hashes. */
function hashQuery(table: TableName, way: HashWay | null): string {
  const hash =
    way === null
      ? 'null'
      : `coalesce(sum(${rowHash(table, way.of)})${sampleClause(table, way.sampleOneIn)}, 0)::text`
  return `select count(*)::text as rows, ${hash} as value from only ${table.quoted} as slipway_row`
}

async function readContent(session: Session, table: TableName, way: HashWay | null): Promise<TableContent> {
  const { schema, name, owner } = table
  // The rollback releases the lock of the table: locks on thousands of tables would exceed the limit of the
  // server.
  await session`savepoint slipway_table`
  const [row] = await session.unsafe<{ rows: string; value: string | null }[]>(hashQuery(table, way))
  await session`rollback to savepoint slipway_table`
  const hash = way === null || row?.value == null ? null : { value: row.value, ...way }
  return { schema, name, owner, rows: Number(row?.rows), hash }
}

function readLike(session: Session, table: TableName, like: TableHash | null): Promise<TableContent> {
  return readContent(session, table, like === null ? null : { of: like.of, sampleOneIn: like.sampleOneIn })
}

/**
 * Returns how many rows the remaining time allows: 1 for all, n for one in n by key, null for none when
 * the table has no key.
 */
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
 * Returns row count and hash of every table in a dump, sorted by name. The session is in a transaction
 * with the canonical settings; see canonical-settings.ts.
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

/** Returns one line per table whose rows differ, even with an equal row count. */
export function hashDifferences(expected: TableContent[], actual: TableContent[]): string[] {
  const found = new Map(actual.map((table) => [nameOf(table), table.hash?.value]))
  return expected
    .filter((table) => table.hash !== null && found.get(nameOf(table)) !== table.hash.value)
    .map((table) => `${nameOf(table)} holds other rows than were backed up`)
}
