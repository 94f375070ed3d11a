import type { FileFacts, Rule } from './file-facts.ts'
import { matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

/** PostgreSQL refuses to use a value in the transaction that added it (55P04), unless that made the type as well. */
export const enumValues: Rule = ({ tokens }, facts) => {
  if (!facts.transactional || matchAt(tokens, 0, 'comment') > 0) return []
  if (matchAt(tokens, 0, 'alter type') > 0) {
    rememberValue(tokens, facts)
    return []
  }
  const use = tokens.find((token) => token.kind === 'string' && facts.enumValues.has(token.value))
  return use ? [{ rule: 'enum-value-in-use', line: use.line, subject: use.value }] : []
}

function rememberValue(tokens: readonly Token[], facts: FileFacts): void {
  const reader = new TokenReader(tokens)
  reader.accept('alter type')
  const type = reader.relation()
  if (type === undefined || createsType(type, facts) || !reader.accept('add value')) return
  reader.accept('if not exists')
  const value = reader.next()
  if (value) facts.enumValues.add(value.value)
}

function createsType(type: string, facts: FileFacts): boolean {
  return facts.statements.some(({ tokens }) => {
    const reader = new TokenReader(tokens)
    return reader.accept('create type') && reader.relation() === type
  })
}
