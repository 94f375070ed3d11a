import { type FileFacts, type Found, isExisting, type Rule } from './file-facts.ts'
import type { RuleName } from './rule-table.ts'
import { parseAlterTable } from '../../sql/parse-alter-table.ts'
import { includesSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'
import { addColumn } from './add-column.ts'
import { alterColumn } from './alter-column.ts'
import { addConstraint, dropConstraint, startsConstraint, validateConstraint } from './constraints.ts'
import { opensTable } from './policies.ts'
import { lockTable } from './table-locks.ts'

export const alterTable: Rule = (statement, facts) => {
  const alter = parseAlterTable(statement)
  if (!alter || !isExisting(facts, alter.table)) return []
  return alter.actions.flatMap((action) => {
    const found = oneAction(alter.table, action, facts)
    if (blocksOthers(action)) found.push(...lockTable(alter.table, action[0]?.line ?? statement.line, facts))
    return found
  })
}

function oneAction(table: string, action: readonly Token[], facts: FileFacts): Found[] {
  const reader = new TokenReader(action)
  if (reader.accept('add')) {
    if (!reader.accept('column') && startsConstraint(reader.rest()))
      return addConstraint(table, reader.rest(), facts)
    return addColumn(reader.rest())
  }
  if (reader.accept('alter')) {
    reader.accept('column')
    return alterColumn(table, reader.rest(), facts)
  }
  if (reader.accept('drop constraint')) return dropConstraint(table, reader.rest(), facts)
  if (reader.accept('validate constraint')) return validate(table, reader, facts)
  return [...partition(action, facts), ...plainAction(table, action, facts)]
}

function validate(table: string, reader: TokenReader, facts: FileFacts): Found[] {
  const constraint = reader.next()
  validateConstraint(table, constraint?.value, facts)
  if (!constraint || facts.locked.size === 0) return []
  return [{ rule: 'validate-under-lock', line: constraint.line, subject: constraint.value }]
}

function partition(action: readonly Token[], facts: FileFacts): Found[] {
  const reader = new TokenReader(action)
  const line = action[0]?.line ?? 0
  if (reader.accept('attach partition')) {
    const table = reader.relation()
    return table && isExisting(facts, table) ? [{ rule: 'attach-partition', line, subject: table }] : []
  }
  if (!reader.accept('detach partition')) return []
  const subject = reader.relation() ?? ''
  if (reader.accept('finalize')) return []
  if (!reader.accept('concurrently')) return [{ rule: 'detach-partition', line, subject }]
  return facts.transactional ? [{ rule: 'concurrently-in-transaction', line, subject }] : []
}

const plainActions: [string, RuleName][] = [
  ['rename', 'rename'],
  ['set schema', 'rename'],
  ['drop', 'drop-column'],
  ['set tablespace', 'rewrite-table'],
  ['set logged', 'rewrite-table'],
  ['set unlogged', 'rewrite-table'],
  ['set access method', 'rewrite-table'],
  ['disable trigger', 'disable-trigger'],
  ['disable rule', 'disable-trigger'],
  ['enable replica', 'disable-trigger'],
  ['disable row level security', 'row-security'],
  ['no force row level security', 'row-security'],
  ['enable row level security', 'row-security'],
  ['force row level security', 'row-security'],
  ['owner to', 'change-owner'],
]

function plainAction(table: string, action: readonly Token[], facts: FileFacts): Found[] {
  const hit = plainActions.find(([sequence]) => matchAt(action, 0, sequence) > 0)
  // A constraint's name is no part of what the running version says to the server.
  if (!hit || matchAt(action, 0, 'rename constraint') > 0) return []
  const enablesRowSecurity = hit[0] === 'enable row level security' || hit[0] === 'force row level security'
  if (enablesRowSecurity && facts.statements.some((each) => opensTable(each.tokens, table))) return []
  return [{ rule: hit[1], line: action[0]?.line ?? 0, subject: subjectOf(table, action, hit) }]
}

function subjectOf(table: string, action: readonly Token[], [sequence, rule]: [string, RuleName]): string {
  if (rule !== 'drop-column') return table
  const reader = new TokenReader(action, sequence.split(' ').length)
  reader.accept('column')
  reader.accept('if exists')
  return reader.next()?.value ?? table
}

/** These take SHARE UPDATE EXCLUSIVE at most: reads and writes go on. */
const quietActions = [
  'validate constraint',
  'set (',
  'reset (',
  'cluster on',
  'set without cluster',
  'attach partition',
]

function blocksOthers(action: readonly Token[]): boolean {
  if (quietActions.some((quiet) => matchAt(action, 0, quiet) > 0)) return false
  return !(
    matchAt(action, 0, 'alter') &&
    (includesSequence(action, 'set statistics') || includesSequence(action, 'set ('))
  )
}
