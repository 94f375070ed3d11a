import type { Rule } from './file-facts.ts'
import { includesSequence, TokenReader } from '../../sql/token-reader.ts'

export const cluster: Rule = ({ tokens, line }) => {
  const reader = new TokenReader(tokens)
  return reader.acceptAny('cluster', 'repack') ? [{ rule: 'cluster', line }] : []
}

export const vacuum: Rule = ({ tokens, line }, facts) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('vacuum')) return []
  return facts.transactional || includesSequence(tokens, 'full') ? [{ rule: 'vacuum', line }] : []
}

const quietModes = ['access share', 'row share', 'row exclusive']

export const lockStatement: Rule = ({ tokens, line }) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('lock')) return []
  const isQuiet = quietModes.some((mode) => includesSequence(tokens, `in ${mode} mode`))
  return isQuiet ? [] : [{ rule: 'lock-table', line }]
}

/** Renames of what is not a table: types and their values, views, functions, schemas. Indexes and constraints are invisible to queries. */
export const renameObject: Rule = ({ tokens, line }) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('alter')) return []
  if (
    ['table', 'foreign', 'index', 'policy', 'trigger', 'role', 'user', 'database', 'system'].includes(
      reader.next()?.value ?? '',
    )
  )
    return []
  const renames = ['rename to', 'rename value', 'rename attribute', 'rename column', 'set schema'].some(
    (sequence) => includesSequence(tokens, sequence),
  )
  if (includesSequence(tokens, 'alter attribute')) return [{ rule: 'change-column-type', line }]
  const drops = includesSequence(tokens, 'drop attribute')
  return renames || drops ? [{ rule: renames ? 'rename' : 'drop-object', line }] : []
}

export const alterDomain: Rule = ({ tokens, line }) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('alter domain')) return []
  if (includesSequence(tokens, 'drop default') || includesSequence(tokens, 'set default null'))
    return [{ rule: 'drop-default', line }]
  if (includesSequence(tokens, 'set not null')) return [{ rule: 'set-not-null', line }]
  const scans = includesSequence(tokens, 'add') && !includesSequence(tokens, 'not valid')
  return scans ? [{ rule: 'add-constraint-without-not-valid', line }] : []
}
