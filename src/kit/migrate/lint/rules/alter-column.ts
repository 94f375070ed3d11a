import type { FileFacts, Found } from './file-facts.ts'
import { indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

const identityChanges = [
  'drop identity',
  'set generated',
  'add generated',
  ...['start', 'increment', 'minvalue', 'maxvalue', 'no', 'cycle'].map((option) => `set ${option}`),
]

/** `action` is what follows ALTER [COLUMN] of one table. */
export function alterColumn(table: string, action: readonly Token[], facts: FileFacts): Found[] {
  const reader = new TokenReader(action)
  const column = reader.next()
  if (!column) return []
  const at = { line: column.line, subject: column.value }
  if (reader.acceptAny('type', 'set data type'))
    return [{ rule: isComputed(column, reader.rest()) ? 'rewrite-table' : 'type-by-rehearsal', ...at }]
  if (reader.accept('drop default') || setsNull(reader)) return [{ rule: 'drop-default', ...at }]
  if (identityChanges.some((change) => reader.peek(change)) && !reader.peek('set no maxvalue'))
    return [{ rule: 'change-identity', ...at }]
  if (reader.accept('set expression')) return [{ rule: 'rewrite-table', ...at }]
  if (reader.accept('restart')) return [{ rule: 'restart-sequence', ...at }]
  if (reader.accept('set not null') && !isProven(table, column.value, facts))
    return [{ rule: 'set-not-null', ...at }]
  return []
}

function isProven(table: string, column: string, facts: FileFacts): boolean {
  return facts.nullProofs.some((proof) => proof.validated && proof.table === table && proof.column === column)
}

function setsNull(reader: TokenReader): boolean {
  if (!reader.peek('set default')) return false
  const value = reader.rest().slice(2)
  return value.find((token) => token.value !== '(')?.value === 'null'
}

/** USING with more than the column and a cast makes a new value for each row; the server decides about the rest. */
function isComputed(column: Token, type: readonly Token[]): boolean {
  const at = indexOfSequence(type, 'using')
  if (at < 0) return false
  const expression = type.slice(at + 1).filter(({ value }) => value !== '(' && value !== ')')
  if (expression[0]?.value !== column.value) return true
  return expression.length > 1 && matchAt(expression, 1, ': :') === 0
}
