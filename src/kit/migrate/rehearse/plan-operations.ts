import { ident, type RowRecipe, type SeededTable } from './seed-table.ts'
import { spareRows } from './seed-tables.ts'

/** One kind of statement that a version of the code may send to one table. */
export interface PlannedOperation {
  table: string
  kind: 'read' | 'write'
  /** For messages, in the plural. */
  label: string
  /** By running number; one row comes back, with `nulls` where defaults are counted. */
  sql: (turn: number) => string
}

/** Every column by name, as code generated from the schema before the migration would write it. */
export function planOperations(table: SeededTable): PlannedOperation[] {
  const recipe = table.recipe
  if (recipe === undefined || table.rows === 0) return []
  const given = new Map([...recipe].filter(([name]) => !columnOf(table, name)?.isAlwaysIdentity))
  return [
    plan(
      table,
      'reads',
      (turn) => `select ${listOf(namesOf(table))} from ${table.name} where ${keyOf(table, turn)}`,
    ),
    plan(table, 'updates', (turn) => updateSql(table, given, turn)),
    plan(table, 'inserts', (turn) => `${insertSql(table, given, turn)} returning 1`),
    ...withoutDefaults(table, given),
    ...table.uniqueKeys.map((target) =>
      plan(table, `upserts on ${target}`, (turn) => upsertSql(table, given, target, turn)),
    ),
    plan(table, 'deletes', (turn) => `delete from ${table.name} where ${keyOf(table, turn)} returning 1`),
    ...deletesOfNewRows(table, given),
  ]
}

/** Foreign keys may well refuse to delete an old row, and never a new one. */
function deletesOfNewRows(table: SeededTable, given: RowRecipe): PlannedOperation[] {
  const keys = table.primaryKey
  if (!table.isOurs || keys.length === 0 || !keys.every((name) => given.has(name))) return []
  const condition = (turn: number): string =>
    keys
      .map((name) => `${ident(name)} = ${given.get(name)?.(newNumber(table, turn)) ?? 'null'}`)
      .join(' and ')
  return [
    plan(
      table,
      'deletes of new rows',
      (turn) =>
        `${insertSql(table, given, turn)}; delete from ${table.name} where ${condition(turn)} returning 1`,
    ),
  ]
}

function plan(table: SeededTable, label: string, sql: (turn: number) => string): PlannedOperation {
  return { table: table.name, kind: label === 'reads' ? 'read' : 'write', label, sql }
}

function listOf(names: readonly string[]): string {
  return names.map(ident).join(', ')
}
function namesOf(table: SeededTable): string[] {
  return table.columns.map(({ name }) => name)
}
function columnOf(table: SeededTable, name: string) {
  return table.columns.find((column) => column.name === name)
}

function keyOf(table: SeededTable, turn: number): string {
  const number = String(1 + ((turn * 7919) % Math.max(1, table.rows)))
  const keys = table.primaryKey.map(
    (name) => `${ident(name)} = ${table.recipe?.get(name)?.(number) ?? 'null'}`,
  )
  return table.isOurs && keys.length > 0 ? keys.join(' and ') : `ctid = (select min(ctid) from ${table.name})`
}

function updateSql(table: SeededTable, given: RowRecipe, turn: number): string {
  const changes = [...given.keys()].map((name) => `${ident(name)} = ${ident(name)}`)
  return `update ${table.name} set ${changes.join(', ')} where ${keyOf(table, turn)} returning 1`
}

/** Even: rows of odd numbers have NULL where they may, and a version that writes a column writes it always. */
function newNumber(table: SeededTable, turn: number): string {
  const first = table.rows + 1 + ((table.rows + 1) % 2)
  return `(${first + 2 * (turn % (spareRows / 2))}::bigint)`
}

/** A row that is not there yet, whose parents are. */
function insertSql(table: SeededTable, recipe: RowRecipe, turn: number): string {
  if (recipe.size === 0) return `insert into ${table.name} default values`
  const values = [...recipe.values()].map((value) => value(newNumber(table, turn)))
  return `insert into ${table.name} (${listOf([...recipe.keys()])}) values (${values.join(', ')})`
}

/** Leaves out the columns with a default and counts how many of them are NULL; 100 is what num_nulls() takes. */
function withoutDefaults(table: SeededTable, given: RowRecipe): PlannedOperation[] {
  const defaults = table.columns.filter(({ hasDefault, isGenerated }) => hasDefault && !isGenerated)
  if (defaults.length === 0) return []
  const left = new Map([...given].filter(([name]) => !defaults.some((column) => column.name === name)))
  const nulls = `num_nulls(${listOf(defaults.slice(0, 100).map(({ name }) => name))}) as nulls`
  return [
    plan(table, 'inserts without defaults', (turn) => `${insertSql(table, left, turn)} returning ${nulls}`),
  ]
}

function upsertSql(table: SeededTable, given: RowRecipe, target: string, turn: number): string {
  const [first] = [...given.keys()]
  const action =
    first === undefined ? 'do nothing' : `do update set ${ident(first)} = excluded.${ident(first)}`
  return `${insertSql(table, given, turn)} on conflict ${target} ${action} returning 1`
}
