import { isExisting, type Rule } from './file-facts.ts'
import { indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'
import { lockTable } from './table-locks.ts'

/** Triggers, rules and partitions that are attached to a table which has traffic. */
export const createTrigger: Rule = ({ tokens, line }, facts) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('create')) return []
  reader.accept('or replace')
  reader.accept('constraint')
  if (!reader.accept('trigger')) return []
  const subject = tableAfter(tokens, 'on')
  if (!isExisting(facts, subject)) return []
  return [{ rule: 'create-trigger', line, subject }, ...lockTable(subject, line, facts)]
}

export const createRule: Rule = ({ tokens, line }) => {
  const reader = new TokenReader(tokens)
  reader.accept('create')
  reader.accept('or replace')
  return reader.accept('rule') && matchAt(tokens, 0, 'create') > 0 ? [{ rule: 'create-rule', line }] : []
}

export const partitionOf: Rule = ({ tokens, line }, facts) => {
  if (matchAt(tokens, 0, 'create') === 0 || indexOfSequence(tokens, 'partition of') < 0) return []
  const subject = tableAfter(tokens, 'partition of')
  if (!isExisting(facts, subject)) return []
  return [{ rule: 'partition-of-existing', line, subject }, ...lockTable(subject, line, facts)]
}

function tableAfter(tokens: readonly Token[], sequence: string): string {
  const at = indexOfSequence(tokens, sequence)
  const reader = new TokenReader(tokens, at + sequence.split(' ').length)
  reader.accept('only')
  return (at < 0 ? undefined : reader.relation()) ?? 'unknown'
}
