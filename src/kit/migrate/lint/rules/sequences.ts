import type { FileFacts, Found, Rule } from './file-facts.ts'
import { includesSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'

/** Clauses that change the drawn numbers or the owning column; CACHE, wider bounds and a wider type are harmless. */
const changes = [
  'owned by',
  'increment',
  'cycle',
  'as smallint',
  'as integer',
  'as int',
  'as int2',
  'as int4',
]

export const alterSequence: Rule = ({ tokens, line }, facts) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('alter sequence')) return []
  reader.accept('if exists')
  const subject = reader.relation() ?? 'unknown'
  if (isNew(subject, facts)) return []
  if (includesSequence(tokens, 'restart')) return [{ rule: 'restart-sequence', line, subject }]
  return changes.some((change) => includesSequence(tokens, change))
    ? [{ rule: 'change-sequence', line, subject }]
    : []
}

/** setval() to a constant, whatever numbers are in use. */
export const setSequence: Rule = ({ tokens }, facts): Found[] =>
  tokens.flatMap((token, at) => {
    if (matchAt(tokens, at, 'setval (') === 0) return []
    const [name, comma, value] = tokens.slice(at + 2)
    const isLiteral = comma?.value === ',' && value?.kind === 'number'
    const subject = name?.value.replaceAll('"', '') ?? ''
    return isLiteral && !isNew(subject.includes('.') ? subject : `public.${subject}`, facts)
      ? [{ rule: 'restart-sequence', line: token.line, subject }]
      : []
  })

/** Created in this file, by itself or with a table. */
function isNew(sequence: string, facts: FileFacts): boolean {
  if ([...facts.created.keys()].some((table) => sequence.startsWith(`${table}_`))) return true
  return facts.statements.some(({ tokens }) => {
    const reader = new TokenReader(tokens)
    if (!reader.accept('create sequence')) return false
    reader.accept('if not exists')
    return reader.relation() === sequence
  })
}
