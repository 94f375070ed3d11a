import type { Found } from './file-facts.ts'
import type { RuleName } from './rule-table.ts'
import { defaultExpression, isVolatile } from '../../sql/default-expression.ts'
import { includesSequence, outsideParentheses, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

/** `definition` is what follows ADD [COLUMN]. A plain or constant-default column is only a line in the catalog. */
export function addColumn(definition: readonly Token[]): Found[] {
  const reader = new TokenReader(definition)
  reader.accept('if not exists')
  const column = reader.next()
  if (!column) return []
  const clauses = reader.rest()
  return dangers(clauses).map((rule) => ({ rule, line: column.line, subject: column.value }))
}

function dangers(clauses: readonly Token[]): RuleName[] {
  const outside = outsideParentheses(clauses)
  const has = (sequence: string): boolean => includesSequence(outside, sequence)
  const found: RuleName[] = []
  if (isComputed(clauses, outside)) found.push('add-column-computed')
  else if (isVolatile(defaultExpression(clauses) ?? [])) found.push('add-column-volatile-default')
  else if (has('not null') && !hasDefault(clauses)) found.push('add-column-not-null')
  if (has('unique') || has('primary key')) found.push('add-column-unique')
  if (has('check')) found.push('add-column-check')
  if (has('references')) found.push('add-column-references')
  return found
}

/** PostgreSQL 18 has VIRTUAL generated columns, which store nothing. */
function isComputed(clauses: readonly Token[], outside: readonly Token[]): boolean {
  const [type, dot, qualified] = clauses
  const typeName = dot?.value === '.' ? qualified?.value : type?.value
  if (/^(small|big)?serial[248]?$/.test(typeName ?? '')) return true
  return includesSequence(outside, 'generated') && !includesSequence(outside, 'virtual')
}

function hasDefault(clauses: readonly Token[]): boolean {
  const expression = defaultExpression(clauses)
  return expression !== undefined && expression[0]?.value !== 'null'
}
