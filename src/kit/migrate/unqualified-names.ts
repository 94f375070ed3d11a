import { includesSequence, indexOfSequence, matchAt } from './sql/token-reader.ts'
import { tokenize, type Token } from './sql/tokenize.ts'

/** Names that pg_catalog does not have. */
export interface OwnNames {
  functions: ReadonlySet<string>
  relations: ReadonlySet<string>
  types: ReadonlySet<string>
}

function isName(token: Token | undefined): boolean {
  return token?.kind === 'word' || token?.kind === 'name'
}

function beforeAny(tokens: readonly Token[], at: number, ...sequences: string[]): boolean {
  return sequences.some((sequence) => matchAt(tokens, at - sequence.split(' ').length, sequence) > 0)
}

/** WITH gives a name to what stands in the statement itself. */
function withNames(tokens: readonly Token[]): Set<string> {
  return new Set(
    tokens
      .filter(
        (_, at) =>
          beforeAny(tokens, at, 'with', 'with recursive') ||
          ['as (', 'as materialized (', 'as not materialized ('].some(
            (text) => matchAt(tokens, at + 1, text) > 0,
          ),
      )
      .map(({ value }) => value),
  )
}

function isCall(tokens: readonly Token[], at: number): boolean {
  return (
    matchAt(tokens, at + 1, '(') > 0 &&
    !beforeAny(tokens, at, 'as', 'into', 'table', 'with', 'recursive', ')')
  )
}

function isRelation(tokens: readonly Token[], at: number): boolean {
  return (
    beforeAny(
      tokens,
      at,
      'from',
      'join',
      'update',
      'only',
      'table',
      'insert into',
      'merge into',
      'truncate',
    ) && !beforeAny(tokens, at, 'distinct from')
  )
}

function isType(tokens: readonly Token[], at: number): boolean {
  return (
    beforeAny(tokens, at, ': :') ||
    (beforeAny(tokens, at, 'as') &&
      matchAt(tokens, at + 1, ')') > 0 &&
      includesSequence(tokens.slice(0, at), 'cast ('))
  )
}

/** Returns the names in the strings that EXECUTE runs. */
function executed(tokens: readonly Token[], own: OwnNames): string[] {
  const from = indexOfSequence(tokens, 'execute')
  if (from < 0) return []
  const end = indexOfSequence(tokens, ';', from)
  const rest = end < 0 ? [] : executed(tokens.slice(end), own)
  return tokens
    .slice(from, end < 0 ? undefined : end)
    .filter(({ kind }) => kind === 'string')
    .flatMap(({ value }) => unqualifiedNames(value, own))
    .concat(rest)
}

/** Own functions, relations and types that the body of a function names without their schema. */
export function unqualifiedNames(body: string, own: OwnNames): string[] {
  const { tokens } = tokenize(body)
  const local = withNames(tokens)
  const found = tokens.filter((token, at) => {
    if (!isName(token) || beforeAny(tokens, at, '.') || matchAt(tokens, at + 1, '.') > 0) return false
    if (own.functions.has(token.value) && isCall(tokens, at)) return true
    if (own.types.has(token.value) && isType(tokens, at)) return true
    return own.relations.has(token.value) && !local.has(token.value) && isRelation(tokens, at)
  })
  return [...new Set([...found.map(({ value }) => value), ...executed(tokens, own)])]
}

/** Names of all that the body calls, with their schema or without. */
export function calledNames(body: string): string[] {
  const { tokens } = tokenize(body)
  return tokens
    .filter((token, at) => isName(token) && matchAt(tokens, at + 1, '(') > 0)
    .map(({ value }) => value)
}
