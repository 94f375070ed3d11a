import type { Statement } from './split-statements.ts'
import { splitAtCommas, TokenReader } from './token-reader.ts'
import type { Token } from './tokenize.ts'

export interface AlterTable {
  table: string
  /** One list of tokens per comma-separated action. */
  actions: Token[][]
}

export function parseAlterTable(statement: Statement): AlterTable | undefined {
  const reader = new TokenReader(statement.tokens)
  if (!reader.acceptAny('alter table', 'alter foreign table')) return undefined
  reader.accept('if exists')
  reader.accept('only')
  const table = reader.relation()
  if (table === undefined) return undefined
  reader.accept('*')
  return { table, actions: splitAtCommas(reader.rest()) }
}
