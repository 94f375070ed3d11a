import { matchAt } from './token-reader.ts'
import type { Token } from './tokenize.ts'

const columnClauses = [
  'constraint',
  'not null',
  'null',
  'unique',
  'primary',
  'check',
  'references',
  'generated',
  'collate',
  'deferrable',
  'not deferrable',
  'initially',
]

/** The tokens of the DEFAULT expression in a column definition; undefined without DEFAULT. */
export function defaultExpression(definition: readonly Token[]): Token[] | undefined {
  const start = definition.findIndex((_, index) => matchAt(definition, index, 'default') > 0)
  if (start < 0) return undefined
  const expression: Token[] = []
  let depth = 0
  for (let index = start + 1; index < definition.length; index++) {
    const token = definition[index]
    if (!token) break
    const ends =
      depth === 0 &&
      expression.length > 0 &&
      columnClauses.some((clause) => matchAt(definition, index, clause))
    if (ends) break
    if (token.kind === 'symbol' && token.value === '(') depth += 1
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    expression.push(token)
  }
  return expression
}

/** Evaluated once per statement or constant, so that PostgreSQL stores the value without a rewrite. Others count as volatile. */
const stableFunctions = new Set([
  'now',
  'current_timestamp',
  'current_date',
  'current_time',
  'localtime',
  'localtimestamp',
  'transaction_timestamp',
  'statement_timestamp',
  'timezone',
  'date_trunc',
  'date',
  'make_interval',
  'make_date',
  'age',
  'extract',
  'date_part',
  'to_char',
  'to_timestamp',
  'to_date',
  'to_jsonb',
  'to_json',
  'jsonb_build_object',
  'jsonb_build_array',
  'json_build_object',
  'json_build_array',
  'to_tsvector',
  'array',
  'row',
  'coalesce',
  'nullif',
  'greatest',
  'least',
  'concat',
  'cast',
  'current_setting',
  'current_schema',
  'md5',
  'sha256',
  'encode',
  'decode',
  'lower',
  'upper',
  'trim',
  'btrim',
  'replace',
  'substring',
  'length',
  'repeat',
  'abs',
  'round',
  'floor',
  'ceil',
  'power',
  'int4range',
  'int8range',
  'numrange',
  'tsrange',
  'tstzrange',
  'daterange',
  'point',
  'interval',
  'varchar',
  'char',
  'numeric',
  'decimal',
  'bit',
  'timestamp',
  'timestamptz',
  'time',
  'in',
  'and',
  'or',
  'not',
])

export function isVolatile(expression: readonly Token[]): boolean {
  return expression.some((token, index) => {
    if (token.kind !== 'word' && token.kind !== 'name') return false
    if (matchAt(expression, index + 1, '(') === 0) return false
    const before = expression[index - 1]?.value
    const isType = before === ':' || before === 'as'
    return !isType && !stableFunctions.has(token.value)
  })
}
