import { includesSequence, indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

export interface CreatedRelation {
  table: string
  state: 'certain' | 'maybe'
  isTemporary: boolean
  isPartitioned: boolean
}

/**
 * Returns the relation made by CREATE TABLE, SELECT INTO or CREATE MATERIALIZED VIEW, which no other session sees
 * yet.
 */
export function createdRelation(tokens: readonly Token[]): CreatedRelation | undefined {
  const reader = new TokenReader(tokens)
  if (!reader.accept('create')) return selectedInto(tokens)
  reader.acceptAny('global', 'local')
  const isTemporary = reader.acceptAny('temporary', 'temp')
  reader.acceptAny('unlogged', 'foreign')
  if (!reader.acceptAny('table', 'materialized view')) return undefined
  const state = reader.accept('if not exists') ? 'maybe' : 'certain'
  const table = reader.relation()
  const isPartitioned = includesSequence(tokens, 'partition by')
  return table === undefined ? undefined : { table, state, isTemporary, isPartitioned }
}

function selectedInto(tokens: readonly Token[]): CreatedRelation | undefined {
  const into = indexOfSequence(tokens, 'into')
  if (matchAt(tokens, 0, 'select') === 0 || into < 0) return undefined
  const reader = new TokenReader(tokens, into + 1)
  const isTemporary = reader.acceptAny('temporary', 'temp')
  reader.accept('unlogged')
  reader.accept('table')
  const table = reader.relation()
  return table === undefined ? undefined : { table, state: 'certain', isTemporary, isPartitioned: false }
}
