import { type FileFacts, type Found, mayHoldRows, type Rule } from './file-facts.ts'
import { matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'
import { dropIndex } from './indexes.ts'
import { lockTable } from './table-locks.ts'

const tableKinds = ['table', 'foreign table', 'materialized view']
const roleKinds = ['role', 'user', 'group', 'owned', 'user mapping']
const serverKinds = ['database', 'tablespace', 'subscription', 'publication', 'server', 'event trigger']
const objectKinds = [
  'view',
  'sequence',
  'schema',
  'type',
  'domain',
  'extension',
  'function',
  'procedure',
  'routine',
  'aggregate',
  'trigger',
  'policy',
  'rule',
  'operator class',
  'operator family',
  'operator',
  'cast',
  'collation',
  'statistics',
  'language',
  'foreign data wrapper',
  'access method',
  'conversion',
  'transform',
  'text search',
]

export const drops: Rule = (statement, facts) => {
  const reader = new TokenReader(statement.tokens)
  if (!reader.accept('drop')) return []
  const at = { line: statement.line }
  if (reader.accept('index')) return dropIndex(reader, statement.line, facts)
  if (reader.acceptAny(...tableKinds)) return dropTables(reader, statement.line, facts)
  if (reader.acceptAny(...roleKinds)) return [{ rule: 'manage-role', ...at }]
  if (reader.acceptAny(...serverKinds)) return [{ rule: 'server-setting', ...at }]
  const kind = objectKinds.find((name) => reader.accept(name))
  if (!kind || kind === 'statistics') return []
  reader.accept('if exists')
  const subject = reader.relation() ?? kind
  return isReplaced(kind, subject, reader, facts) ? [] : [{ rule: 'drop-object', ...at, subject }]
}

function dropTables(reader: TokenReader, line: number, facts: FileFacts): Found[] {
  reader.accept('if exists')
  const found: Found[] = []
  do {
    const subject = reader.relation()
    if (!subject || !mayHoldRows(facts, subject)) continue
    found.push({ rule: 'drop-table', line, subject }, ...lockTable(subject, line, facts))
  } while (reader.accept(','))
  return found
}

const replaceable = ['view', 'function', 'procedure', 'trigger', 'policy', 'rule', 'cast', 'operator']

/** Dropped and created again under its name in one transaction: that is how drizzle-kit and people change what cannot be altered. */
function isReplaced(kind: string, name: string, rest: TokenReader, facts: FileFacts): boolean {
  if (
    !facts.transactional ||
    !replaceable.includes(kind) ||
    rest.rest().some((token) => token.value === 'cascade')
  ) {
    return false
  }
  return facts.statements.some(({ tokens }) => createsKind(tokens, kind, name))
}

function createsKind(tokens: readonly Token[], kind: string, name: string): boolean {
  const reader = new TokenReader(tokens)
  if (!reader.accept('create')) return false
  reader.accept('or replace')
  reader.accept('constraint')
  return reader.accept(kind) && reader.relation() === name
}

/** CASCADE anywhere but in ON DELETE / ON UPDATE and in CREATE EXTENSION, which only installs what is needed. */
export const cascade: Rule = ({ tokens }) => {
  if (matchAt(tokens, 0, 'create extension') > 0) return []
  const index = tokens.findIndex(
    (_, at) => matchAt(tokens, at, 'cascade') > 0 && !isReferentialAction(tokens, at),
  )
  const token = tokens[index]
  return token ? [{ rule: 'cascade', line: token.line }] : []
}

function isReferentialAction(tokens: readonly Token[], at: number): boolean {
  return matchAt(tokens, at - 2, 'on delete') > 0 || matchAt(tokens, at - 2, 'on update') > 0
}
