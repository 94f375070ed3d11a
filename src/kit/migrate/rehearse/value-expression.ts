import { tokenize } from '../sql/tokenize.ts'
import type { Column, TableCheck } from './load-tables.ts'

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

const integers = new Set(['int4', 'int8', 'float4', 'float8', 'oid'])

/**
 * SQL for the value of row number `i`. It depends on type and number alone: the same number in a child and its parent
 * gives the same key, so that foreign keys hold without knowing them. undefined for types it does not know.
 */
export function valueExpression(column: Column, i: string): string | undefined {
  if (column.enumLabels) return enumExpression(column.enumLabels, i, column.type)
  if (column.base.startsWith('_')) return `'{}'::${column.type}`
  if (integers.has(column.base)) return `(${i})::${column.type}`
  const expression = byType(column, i)
  return expression === undefined ? undefined : `(${expression})::${column.type}`
}

function enumExpression(labels: readonly string[], i: string, type: string): string {
  return `(array[${labels.map(quote).join(', ')}])[1 + (${i}) % ${Math.max(1, labels.length)}]::${type}`
}

const expressions: Record<string, (i: string) => string> = {
  int2: (i) => `(${i}) % 32000`,
  uuid: (i) => `md5((${i})::text)::uuid`,
  bool: (i) => `(${i}) % 2 = 0`,
  date: (i) => `date '2000-01-01' + ((${i}) % 9000)::int`,
  timestamp: (i) => `timestamp '2000-01-01' + (${i}) * interval '1 second'`,
  timestamptz: (i) => `timestamptz '2000-01-01' + (${i}) * interval '1 second'`,
  time: (i) => `time '00:00' + (${i}) * interval '1 second'`,
  interval: (i) => `(${i}) * interval '1 second'`,
  json: () => `'{}'`,
  jsonb: () => `'{}'`,
  bytea: (i) => `decode(md5((${i})::text), 'hex')`,
  inet: (i) => `inet '10.0.0.0' + (${i})::bigint`,
  point: (i) => `point((${i})::float8, 0)`,
  tsvector: (i) => `to_tsvector('simple', 'word' || (${i}))`,
  xml: () => `'<a/>'`,
}

function byType({ base, limit }: Column, i: string): string | undefined {
  if (base === 'numeric') return limit === null ? i : `(${i}) % ${10 ** Math.min(15, Math.max(0, limit))}`
  if (['text', 'varchar', 'bpchar', 'citext', 'name'].includes(base)) {
    return limit !== null && limit < 8 ? `left(to_hex(${i}), ${limit})` : `'x' || (${i})`
  }
  if (base.endsWith('range')) return `'empty'`
  return expressions[base]?.(i)
}

/** Other values to try where a CHECK refuses the usual one: the literals that it names, and the usual suspects. */
export function candidates(column: Column, checks: readonly TableCheck[]): string[] {
  const literals = checks
    .filter((check) => check.columns.includes(column.name))
    .flatMap((check) => tokenize(check.definition).tokens)
    .filter((token) => token.kind === 'string' || token.kind === 'number')
    .map((token) => token.value)
  const usual = ['[]', '{}', '1', '0', 'https://example.com/x', 'x@example.com', 'EUR']
  const values = [...new Set([...literals, ...usual])].map((value) => `${quote(value)}::${column.type}`)
  return column.isNullable ? ['null', ...values] : values
}
