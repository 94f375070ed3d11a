import type { FileFacts, Found } from '../file-facts.ts'
import { TokenReader } from '../sql/token-reader.ts'
import type { Token } from '../sql/tokenize.ts'

/** `action` is what follows ALTER [COLUMN] of one table. */
export function alterColumn(table: string, action: readonly Token[], facts: FileFacts): Found[] {
  const reader = new TokenReader(action)
  const column = reader.next()
  if (!column) return []
  const at = { line: column.line, subject: column.value }
  if (reader.acceptAny('type', 'set data type')) return [{ rule: 'change-column-type', ...at }]
  if (reader.accept('set expression')) return [{ rule: 'rewrite-table', ...at }]
  if (reader.accept('restart')) return [{ rule: 'restart-sequence', ...at }]
  if (reader.accept('set not null') && !isProven(table, column.value, facts))
    return [{ rule: 'set-not-null', ...at }]
  return []
}

function isProven(table: string, column: string, facts: FileFacts): boolean {
  return facts.nullProofs.some((proof) => proof.validated && proof.table === table && proof.column === column)
}
