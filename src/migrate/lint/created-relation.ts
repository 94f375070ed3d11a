import { indexOfSequence, matchAt, TokenReader } from './sql/token-reader.ts'
import type { Token } from './sql/tokenize.ts'

export interface CreatedRelation {
  table: string
  state: 'certain' | 'maybe'
}

/** CREATE TABLE in all its forms, SELECT INTO and materialized views make relations that nobody else sees yet. */
export function createdRelation(tokens: readonly Token[]): CreatedRelation | undefined {
  const reader = new TokenReader(tokens)
  if (!reader.accept('create')) return selectedInto(tokens)
  reader.acceptAny('global', 'local')
  reader.acceptAny('temporary', 'temp', 'unlogged', 'foreign')
  if (!reader.acceptAny('table', 'materialized view')) return undefined
  const state = reader.accept('if not exists') ? 'maybe' : 'certain'
  const table = reader.relation()
  return table === undefined ? undefined : { table, state }
}

function selectedInto(tokens: readonly Token[]): CreatedRelation | undefined {
  const into = indexOfSequence(tokens, 'into')
  if (matchAt(tokens, 0, 'select') === 0 || into < 0) return undefined
  const reader = new TokenReader(tokens, into + 1)
  reader.acceptAny('temporary', 'temp', 'unlogged')
  reader.accept('table')
  const table = reader.relation()
  return table === undefined ? undefined : { table, state: 'certain' }
}
