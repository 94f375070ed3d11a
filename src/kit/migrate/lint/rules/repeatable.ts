import type { Rule } from './file-facts.ts'
import { parseAlterTable } from '../../sql/parse-alter-table.ts'
import type { Statement } from '../../sql/split-statements.ts'
import { includesSequence, matchAt, outsideParentheses, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

/** A second run of these changes nothing, or does the same work again. */
const repeatable = [
  'vacuum',
  'analyze',
  'reindex',
  'cluster',
  'refresh materialized view',
  'comment on',
  'security label',
  'grant',
  'revoke',
  'set',
  'reset',
  'create or replace',
  'alter default privileges',
  'alter system',
  'alter database',
  'checkpoint',
]

/** Actions of ALTER TABLE; `*` stands for one name. */
const repeatableActions = [
  'add column if not exists',
  'add if not exists',
  'drop column if exists',
  'drop constraint if exists',
  'drop if exists',
  'validate constraint',
  'set (',
  'reset (',
  'set without cluster',
  'set tablespace',
  'set logged',
  'set unlogged',
  'enable',
  'disable',
  'force row level security',
  'no force row level security',
  'owner to',
  'replica identity',
  'cluster on',
]

const repeatableColumnActions = [
  'set default',
  'drop default',
  'set not null',
  'drop not null',
  'set statistics',
  'set storage',
  'set compression',
  'set (',
  'reset (',
]

function isRepeatableAction(action: readonly Token[]): boolean {
  const reader = new TokenReader(action)
  if (reader.acceptAny(...repeatableActions)) return true
  // The runner looks first whether the partition is attached still.
  if (reader.accept('detach partition'))
    return includesSequence(action, 'concurrently') || includesSequence(action, 'finalize')
  if (!reader.accept('alter')) return false
  reader.accept('column')
  reader.next()
  return reader.acceptAny(...repeatableColumnActions)
}

function isRepeatableCreate(tokens: readonly Token[]): boolean {
  const reader = new TokenReader(tokens, 1)
  reader.accept('unique')
  // The runner drops an INVALID index of that name first, and keeps a valid one.
  if (reader.accept('index concurrently')) return !reader.peek('on')
  return includesSequence(outsideParentheses(tokens), 'if not exists')
}

/** Returns true when, by the form of the statement alone, a second run leaves the database as the first did. */
export function isRepeatable(tokens: readonly Token[]): boolean {
  if (repeatable.some((start) => matchAt(tokens, 0, start) > 0)) return true
  if (matchAt(tokens, 0, 'create') > 0) return isRepeatableCreate(tokens)
  if (matchAt(tokens, 0, 'drop') > 0) return includesSequence(tokens.slice(0, 6), 'if exists')
  if (matchAt(tokens, 0, 'alter type') > 0) return includesSequence(tokens, 'add value if not exists')
  const alter = parseAlterTable({ tokens } as Statement)
  return alter !== undefined && alter.actions.length > 0 && alter.actions.every(isRepeatableAction)
}

const controls = ['begin', 'start transaction', 'commit', 'end', 'rollback', 'abort', 'prepare transaction']

/** BEGIN, COMMIT and the like; ROLLBACK TO a savepoint is none. */
export function isTransactionControl(tokens: readonly Token[]): boolean {
  return controls.some((start) => matchAt(tokens, 0, start) > 0) && matchAt(tokens, 0, 'rollback to') === 0
}

/** A file outside a transaction that dies in the middle is run again from its first statement. */
export const notRepeatable: Rule = (statement, facts) => {
  const isJudged = !facts.transactional && !isTransactionControl(statement.tokens)
  if (!isJudged || isRepeatable(statement.tokens)) return []
  const subject = statement.tokens[0]?.value.toUpperCase() ?? ''
  return [{ rule: 'not-repeatable', line: statement.line, subject }]
}
