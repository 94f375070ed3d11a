import { isExisting, type Rule } from './file-facts.ts'
import { includesSequence, indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'
import { isAlwaysTrue } from './always-true.ts'

/** CREATE POLICY on this table that lets the running version see and write rows; row security without one hides them all. */
export function opensTable(tokens: readonly Token[], table: string): boolean {
  if (matchAt(tokens, 0, 'create policy') === 0 || policyTable(tokens) !== table) return false
  const roles = indexOfSequence(tokens, 'to')
  const isForApp =
    roles < 0 ||
    ['app', 'public', 'current_user'].some((role) => tokens.slice(roles).some((t) => t.value === role))
  const command = indexOfSequence(tokens, 'for')
  const isForAll = command < 0 || matchAt(tokens, command, 'for all') > 0
  return isForApp && isForAll && !closes(tokens)
}

/** A restrictive policy, or one that no row meets, on a table that has rows. */
export const createPolicy: Rule = ({ tokens, line }, facts) => {
  const subject = matchAt(tokens, 0, 'create policy') > 0 ? policyTable(tokens) : undefined
  if (subject === undefined || !isExisting(facts, subject)) return []
  return closes(tokens) ? [{ rule: 'row-security', line, subject }] : []
}

export const alterPolicy: Rule = ({ tokens, line }, facts) => {
  const subject = matchAt(tokens, 0, 'alter policy') > 0 ? policyTable(tokens) : undefined
  if (subject === undefined || !isExisting(facts, subject) || includesSequence(tokens, 'rename to')) return []
  return [{ rule: 'row-security', line, subject }]
}

function policyTable(tokens: readonly Token[]): string | undefined {
  return new TokenReader(tokens, indexOfSequence(tokens, 'on') + 1).relation()
}

function closes(tokens: readonly Token[]): boolean {
  if (includesSequence(tokens, 'as restrictive')) return true
  const using = indexOfSequence(tokens, 'using (')
  if (using < 0) return false
  const check = indexOfSequence(tokens, 'with check')
  const condition = tokens.slice(using + 1, check < 0 ? undefined : check)
  // A condition that names nothing is a constant.
  return includesSequence(condition, 'false') && isAlwaysTrue(condition, '')
}
