import type { Rule } from './file-facts.ts'
import { includesSequence, indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

export const grants: Rule = ({ tokens, line }) => {
  const grant = startOf(tokens, 'grant')
  if (grant < 0) return []
  if (!includesSequence(tokens.slice(grant), 'on')) return [{ rule: 'manage-role', line }]
  return grantees(tokens, 'to').includes('public') ? [{ rule: 'grant-to-public', line }] : []
}

/** Taking rights from PUBLIC hardens; taking them from a named role can stop the running version. */
export const revokes: Rule = ({ tokens, line }) => {
  if (startOf(tokens, 'revoke') < 0) return []
  const named = grantees(tokens, 'from').filter((role) => role !== 'public')
  return named.length > 0 ? [{ rule: 'revoke-access', line, subject: named.join(', ') }] : []
}

function startOf(tokens: readonly Token[], verb: string): number {
  if (matchAt(tokens, 0, verb) > 0) return 0
  return matchAt(tokens, 0, 'alter default privileges') > 0 ? indexOfSequence(tokens, verb) : -1
}

/** PostgreSQL takes "public" in quotes for the same pseudo-role. */
function grantees(tokens: readonly Token[], preposition: string): string[] {
  const at = tokens.findLastIndex((_, index) => matchAt(tokens, index, preposition) > 0)
  const roles: string[] = []
  const reader = new TokenReader(tokens, at + 1)
  do {
    reader.accept('group')
    roles.push(reader.next()?.value ?? '')
  } while (reader.accept(','))
  return roles
}

const roleStatements = ['create', 'alter'].flatMap((verb) =>
  ['role', 'user', 'group'].map((kind) => `${verb} ${kind}`),
)

export const manageRoles: Rule = ({ tokens, line }) => {
  const hit = [...roleStatements, 'reassign owned'].find((start) => matchAt(tokens, 0, start) > 0)
  return hit ? [{ rule: 'manage-role', line, subject: hit }] : []
}

export const securityDefiner: Rule = ({ tokens, line }) => {
  const isRoutine = ['create', 'alter'].includes(tokens[0]?.value ?? '')
  const risky =
    isRoutine && includesSequence(tokens, 'security definer') && !includesSequence(tokens, 'set search_path')
  return risky ? [{ rule: 'security-definer', line }] : []
}
