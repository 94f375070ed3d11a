import { type FileFacts, type Found, isExisting, type Rule } from './file-facts.ts'
import { includesSequence, TokenReader } from '../../sql/token-reader.ts'
import { isUniqueName } from './constraints.ts'
import { lockTable } from './table-locks.ts'

export const createIndex: Rule = (statement, facts) => {
  const reader = new TokenReader(statement.tokens)
  if (!reader.accept('create')) return []
  reader.accept('unique')
  if (!reader.accept('index')) return []
  const concurrently = reader.accept('concurrently')
  const { table, only } = indexedTable(reader)
  const at = { line: statement.line, subject: table }
  if (concurrently) return insideTransaction(statement.line, table, facts)
  // ON ONLY makes an empty shell on a partitioned parent; the partitions' indexes are built one by one.
  if (!isExisting(facts, table) || (only && facts.known.partitioned.has(table))) return []
  return [{ rule: 'create-index', ...at }, ...lockTable(table, statement.line, facts)]
}

function indexedTable(reader: TokenReader): { table: string; only: boolean } {
  reader.accept('if not exists')
  if (!reader.accept('on')) {
    reader.relation()
    reader.accept('on')
  }
  const only = reader.accept('only')
  return { table: reader.relation() ?? 'unknown', only }
}

/**
 * Handles the part after DROP INDEX. Indexes on tables of the same file are not told apart, because dropping one is
 * unusual.
 */
export function dropIndex(reader: TokenReader, line: number, facts: FileFacts): Found[] {
  const concurrently = reader.accept('concurrently')
  reader.accept('if exists')
  const subject = reader.relation() ?? 'unknown'
  const unique: Found[] = isUniqueName(subject) ? [{ rule: 'drop-unique-key', line, subject }] : []
  if (!concurrently) return [...unique, { rule: 'drop-index', line, subject }]
  return [...unique, ...insideTransaction(line, subject, facts)]
}

export const reindex: Rule = (statement, facts) => {
  const reader = new TokenReader(statement.tokens)
  if (!reader.accept('reindex')) return []
  if (!includesSequence(statement.tokens, 'concurrently')) return [{ rule: 'reindex', line: statement.line }]
  return insideTransaction(statement.line, 'reindex', facts)
}

/** In a non-transactional file each piece is one query, and several statements in one query are one transaction. */
function insideTransaction(line: number, subject: string, facts: FileFacts): Found[] {
  if (!facts.transactional && !sharesPiece(line, facts)) return []
  return [{ rule: 'concurrently-in-transaction', line, subject }]
}

function sharesPiece(line: number, facts: FileFacts): boolean {
  const own = facts.statements.find((statement) => statement.line <= line && line <= statement.endLine)
  return facts.statements.filter((statement) => statement.chunk === own?.chunk).length > 1
}

export const refreshView: Rule = ({ tokens, line }) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('refresh materialized view') || reader.accept('concurrently')) return []
  return [{ rule: 'refresh-view', line, subject: reader.relation() ?? 'unknown' }]
}

/** ALTER INDEX, MATERIALIZED VIEW and friends that move files. */
export const moveFiles: Rule = ({ tokens, line }) => {
  const moves = includesSequence(tokens, 'set tablespace') || includesSequence(tokens, 'in tablespace')
  const kinds = ['alter index', 'alter materialized view', 'alter table all']
  const reader = new TokenReader(tokens)
  return moves && reader.acceptAny(...kinds) ? [{ rule: 'rewrite-table', line }] : []
}
