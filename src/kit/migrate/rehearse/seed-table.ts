import { errorCode } from '../error-code.ts'
import type { Session } from '../open-session.ts'
import type { Column, Table, TableCheck } from './load-tables.ts'
import { candidates, valueExpression } from './value-expression.ts'

/** Recipe for the rows of one table: column names to the SQL of their value, given the SQL of a row number. */
export type RowRecipe = Map<string, (i: string) => string>

export interface SeededTable extends Table {
  /** undefined when no row could be made; `reason` says why. */
  recipe: RowRecipe | undefined
  /** Every row is of the recipe, so that row number i is there. */
  isOurs: boolean
  reason?: string
}

const mostTries = 60
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Fills a table that is empty; `session` is the superuser's, with triggers and foreign keys asleep. */
export async function seedTable(session: Session, table: Table, rows: number): Promise<SeededTable> {
  const columns = table.columns.filter((column) => !column.isGenerated)
  const unknown = columns.find((column) => !column.isNullable && valueExpression(column, '1') === undefined)
  if (unknown) return unseeded(table, `no value for ${unknown.name} ${unknown.type}`)
  const recipe = await findRecipe(session, table, columns, rows)
  if (typeof recipe === 'string') return unseeded(table, recipe)
  if (table.rows > 0) return { ...table, recipe, isOurs: false }
  try {
    await session.run(insertSql(table.name, recipe, `generate_series(1, ${rows}) as i`))
  } catch (err) {
    // A partitioned table that has no partition for some row.
    if (errorCode(err) === '23514') return unseeded(table, '23514 by its partitions')
    throw err
  }
  return { ...table, recipe, isOurs: true, rows }
}

function unseeded(table: Table, reason: string): SeededTable {
  return { ...table, recipe: undefined, isOurs: false, reason }
}

/** Tries three rows and rolls them back, with other values in the columns of the CHECK that refused them. */
async function findRecipe(
  session: Session,
  table: Table,
  columns: readonly Column[],
  rows: number,
): Promise<RowRecipe | string> {
  const recipe: RowRecipe = new Map(columns.map((column) => [column.name, usualValue(column)]))
  const left = new Map(columns.map((column) => [column.name, candidates(column, table.checks)]))
  let blamed: TableCheck | undefined
  let reason: string | undefined
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const refusal = await tryRows(session, table, recipe, rows)
    if (refusal === undefined) return recipe
    // A literal of the check that is no value of the column's type: the next one, then.
    const isMisfit = refusal.code.startsWith('22') && blamed !== undefined
    reason ??= refusal.reason
    if (!isMisfit) blamed = table.checks.find(({ name }) => name === refusal.constraint)
    if (!chooseAnother(blamed, recipe, left)) return reason
  }
  return `no row passes its checks within ${mostTries} tries`
}

/** NULL in every second row of a nullable column, as in tables that have grown; keys stay whole. */
function usualValue(column: Column): (i: string) => string {
  return (i) => {
    const value = valueExpression(column, i)
    if (value === undefined) return 'null'
    return column.isNullable && !column.isKey ? `case when (${i}) % 2 = 0 then ${value} end` : value
  }
}

interface Refusal {
  code: string
  constraint: string | undefined
  reason: string
}

async function tryRows(
  session: Session,
  table: Table,
  recipe: RowRecipe,
  rows: number,
): Promise<Refusal | undefined> {
  const few = `(values (1::bigint), (2), (${rows})) as numbers(i)`
  try {
    // An empty copy has the checks, and no rows that the trial could collide with.
    await session.run(`begin; create temp table trial (like ${table.name} including all) on commit drop;
      ${insertSql('trial', recipe, few)}; rollback`)
    return undefined
  } catch (err) {
    await session.run('rollback')
    const code = errorCode(err)
    const constraint = (err as { constraint_name?: string }).constraint_name
    return { code, constraint, reason: `${code}${constraint === undefined ? '' : ` by ${constraint}`}` }
  }
}

function chooseAnother(
  check: TableCheck | undefined,
  recipe: RowRecipe,
  left: Map<string, string[]>,
): boolean {
  for (const column of check?.columns ?? []) {
    const next = left.get(column)?.shift()
    if (next === undefined) continue
    recipe.set(column, () => next)
    return true
  }
  return false
}

/** `from` offers the row number as `i`. */
export function insertSql(table: string, recipe: RowRecipe, from: string): string {
  const columns = [...recipe.keys()].map(ident).join(', ')
  const values = [...recipe.values()].map((value) => value('i')).join(', ')
  return `insert into ${table} (${columns}) overriding system value select ${values} from ${from}`
}
