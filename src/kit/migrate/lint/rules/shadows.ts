import { createdRelation } from './created-relation.ts'
import type { Rule } from './file-facts.ts'

/** A temporary relation is what an unqualified name finds first, before the table of an earlier file. */
export const shadows: Rule = ({ tokens, line }, facts) => {
  const created = createdRelation(tokens)
  const hides = created?.isTemporary === true && facts.known.tables.has(created.table)
  return hides ? [{ rule: 'shadow-table', line, subject: created.table }] : []
}
