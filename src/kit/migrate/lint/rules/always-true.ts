import { includesSequence, indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

/** Conditions that every row meets, as far as the text alone can show; the rehearsal counts rows and sees the rest. */
export function isAlwaysTrue(condition: readonly Token[], table: string): boolean {
  const own = withoutParentheses(condition)
  if (own.length === 0) return true
  const alternatives = splitOutside(own, 'or')
  if (alternatives.length > 1) return alternatives.some((part) => isAlwaysTrue(part, table))
  // BETWEEN has an AND of its own, and is taken for a real condition.
  const parts = includesSequence(own, 'between') ? [own] : splitOutside(own, 'and')
  if (parts.length > 1) return parts.every((part) => isAlwaysTrue(part, table))
  return !own.some(namesSomething) || holdsForKeys(own) || comparesWithItself(own) || selectsAll(own, table)
}

const logicWords = new Set(['true', 'false', 'not', 'and', 'or', 'is', 'null', 'in', 'between'])

/** `WHERE true` and `WHERE 1 = 1` look like a condition and are none. */
function namesSomething(token: Token): boolean {
  return token.kind === 'name' || (token.kind === 'word' && !logicWords.has(token.value))
}

const neverNull = new Set(['id', 'ctid', 'xmin', 'tableoid'])

/** `WHERE id IS NOT NULL`, alias or not, is every row of a table with a key. */
function holdsForKeys(own: readonly Token[]): boolean {
  const column = own.length - 4
  if (!neverNull.has(own[column]?.value ?? '') || matchAt(own, column + 1, 'is not null') === 0) return false
  return column === 0 || (column === 2 && own[1]?.value === '.')
}

const reflexive = ['is not distinct from', '> =', '< =', '=', 'like', 'ilike']

function comparesWithItself(own: readonly Token[]): boolean {
  return reflexive.some((operator) => {
    const at = indexOfSequence(own, operator)
    if (at <= 0) return false
    const text = (tokens: readonly Token[]): string =>
      withoutParentheses(tokens)
        .map(({ value }) => value)
        .join(' ')
    return text(own.slice(0, at)) === text(own.slice(at + operator.split(' ').length))
  })
}

/** EXISTS over no table, EXISTS and IN over all rows of the changed table itself. */
function selectsAll(own: readonly Token[], table: string): boolean {
  const select = indexOfSequence(own, 'select')
  if (select < 0 || matchAt(own, select - 1, '(') === 0 || includesSequence(own, 'not')) return false
  const inner = own.slice(select)
  const isExists = matchAt(own, 0, 'exists') > 0
  const from = indexOfSequence(inner, 'from')
  if (from < 0) return isExists
  if (!isExists && !includesSequence(own.slice(0, select), 'in')) return false
  const reader = new TokenReader(inner, from + 1)
  const isSame = reader.relation() === table
  return isSame && !['where', 'limit', 'having', 'join'].some((word) => includesSequence(inner, word))
}

/** Without the pairs that enclose all of it. */
function withoutParentheses(tokens: readonly Token[]): readonly Token[] {
  if (tokens[0]?.value !== '(' || tokens.at(-1)?.value !== ')') return tokens
  let depth = 0
  const closes = tokens.findIndex((token) => {
    if (token.kind === 'symbol' && token.value === '(') depth += 1
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    return depth === 0
  })
  return closes === tokens.length - 1 ? withoutParentheses(tokens.slice(1, -1)) : tokens
}

function splitOutside(tokens: readonly Token[], word: string): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.value === '(') depth += 1
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    if (depth === 0 && token.kind === 'word' && token.value === word) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}
