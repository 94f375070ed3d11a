import { isExisting, type Rule } from './file-facts.ts'
import { includesSequence, indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'
import { startsStatement } from './rows.ts'

/** INSERT ... SELECT from a table with rows next to a schema change; seeding by VALUES is harmless. */
export const copiedRows: Rule = ({ tokens, line }, facts) => {
  const insert = indexOfSequence(tokens, 'insert into')
  if (insert < 0 || !startsStatement(tokens, insert)) return []
  const withs = withNames(tokens)
  const subject = sourceTables(tokens).find((table) => isExisting(facts, table) && !withs.has(table))
  if (subject === undefined) return []
  facts.changesRows = true
  if (facts.changesSchema || facts.created.size > 0) return [{ rule: 'ddl-with-backfill', line, subject }]
  const isBounded = ['where', 'limit', 'group by', 'having'].some((word) => includesSequence(tokens, word))
  return isBounded ? [] : [{ rule: 'insert-every-row', line, subject }]
}

function sourceTables(tokens: readonly Token[]): string[] {
  return tokens.flatMap((_, index) => {
    if (matchAt(tokens, index, 'from') === 0 && matchAt(tokens, index, 'join') === 0) return []
    if (isFunctionKeyword(tokens, index)) return []
    const reader = new TokenReader(tokens, index + 1)
    reader.acceptAny('only', 'lateral')
    const table = reader.relation()
    return table === undefined || reader.peek('(') ? [] : [table]
  })
}

/** FROM also stands in `extract(year FROM x)`, `substring(x FROM 2)`, `trim(both FROM x)` and `IS DISTINCT FROM`. */
function isFunctionKeyword(tokens: readonly Token[], index: number): boolean {
  if (matchAt(tokens, index - 1, 'distinct from') > 0) return true
  let depth = 0
  for (let at = index - 1; at > 0; at--) {
    const token = tokens[at]
    if (token?.kind !== 'symbol') continue
    if (token.value === ')') depth += 1
    if (token.value === '(' && depth === 0) {
      return ['extract', 'substring', 'trim', 'overlay', 'position'].includes(tokens[at - 1]?.value ?? '')
    }
    if (token.value === '(') depth -= 1
  }
  return false
}

function withNames(tokens: readonly Token[]): Set<string> {
  const names = tokens.flatMap((token, index) => {
    const isWith = ['as (', 'as materialized (', 'as not materialized ('].some(
      (start) => matchAt(tokens, index + 1, start) > 0,
    )
    return isWith ? [`public.${token.value}`] : []
  })
  return new Set(names)
}
