import { isExisting, type Rule } from './file-facts.ts'
import { indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import { isAlwaysTrue } from './always-true.ts'

const strengths = ['for update', 'for no key update', 'for share', 'for key share']
const definitions = ['create', 'alter', 'drop', 'grant', 'revoke']

/** SELECT ... FOR UPDATE and its like over a table, where no WHERE and no LIMIT says which rows. */
export const rowLocks: Rule = ({ tokens, line }, facts) => {
  if (definitions.includes(tokens[0]?.value ?? '')) return []
  const at = tokens.findIndex((_, index) =>
    strengths.some((strength) => matchAt(tokens, index, strength) > 0),
  )
  const from = tokens
    .slice(0, Math.max(0, at))
    .findLastIndex((token) => token.kind === 'word' && token.value === 'from')
  if (at < 0 || from < 0) return []
  const reader = new TokenReader(tokens, from + 1)
  reader.accept('only')
  const subject = reader.relation()
  if (subject === undefined || !isExisting(facts, subject)) return []
  const clauses = tokens.slice(reader.index, at)
  const where = indexOfSequence(clauses, 'where')
  const isBounded =
    indexOfSequence(clauses, 'limit') >= 0 || (where >= 0 && !isAlwaysTrue(clauses.slice(where + 1), subject))
  return isBounded ? [] : [{ rule: 'lock-rows', line, subject }]
}
