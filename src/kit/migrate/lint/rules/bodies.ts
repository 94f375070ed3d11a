import { createFileFacts, type FileFacts, type Found, isExisting, type Rule } from './file-facts.ts'
import { ruleText } from './rule-table.ts'
import { parseAlterTable } from '../../sql/parse-alter-table.ts'
import { proceduralStatements } from '../../sql/procedural-statements.ts'
import type { Statement } from '../../sql/split-statements.ts'
import { includesSequence, indexOfSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

type Lint = (statement: Statement, facts: FileFacts) => Found[]

/** A DO block runs at once, so what it holds is linted like statements of the file; what EXECUTE builds cannot be. */
export function doBlock(statement: Statement, facts: FileFacts, lint: Lint): Found[] {
  if (matchAt(statement.tokens, 0, 'do') === 0) return []
  const language = indexOfSequence(statement.tokens, 'language')
  const isForeign = language >= 0 && statement.tokens[language + 1]?.value.toLowerCase() !== 'plpgsql'
  if (isForeign) return [{ rule: 'do-block', line: statement.line }]
  const inner = bodyStatements(statement)
  const found = inner.flatMap((each) => lintInner(each, facts, lint))
  const isLoop = statement.tokens.some(({ kind, value }) => kind === 'string' && /\bloop\b/i.test(value))
  const changed = isLoop ? inner.find((each) => changesExisting(each, facts)) : undefined
  return changed ? [...found, { rule: 'do-block', line: changed.line }] : found
}

/** A loop changes few rows with each statement and all of them in one transaction. */
function changesExisting({ tokens }: Statement, facts: FileFacts): boolean {
  const reader = new TokenReader(tokens)
  if (!reader.acceptAny('update', 'delete from', 'insert into', 'merge into')) return false
  reader.accept('only')
  const table = reader.relation()
  return table !== undefined && isExisting(facts, table)
}

function lintInner(inner: Statement, facts: FileFacts, lint: Lint): Found[] {
  const found = lint(inner, facts)
  if (hidesSchemaChange(inner, facts)) found.push({ rule: 'do-block', line: inner.line })
  if (runsBuiltSql(inner.tokens)) found.push({ rule: 'dynamic-sql', line: inner.line })
  return found
}

const schemaVerbs = [
  'alter',
  'drop',
  'create',
  'truncate',
  'grant',
  'revoke',
  'reindex',
  'cluster',
  'refresh',
  'lock',
  'reassign',
  'security',
]

/** CREATE TYPE and its like have no IF NOT EXISTS: a block that catches duplicate_object is the usual way to write it. */
const allowedInBlocks = ['create type', 'create domain', 'create schema', 'create extension']

function hidesSchemaChange(inner: Statement, facts: FileFacts): boolean {
  const { tokens } = inner
  if (!schemaVerbs.some((verb) => matchAt(tokens, 0, verb) > 0)) return false
  if (allowedInBlocks.some((start) => matchAt(tokens, 0, start) > 0)) return false
  const alter = parseAlterTable(inner)
  return !alter || isExisting(facts, alter.table)
}

function runsBuiltSql(tokens: readonly Token[]): boolean {
  const at = indexOfSequence(tokens, 'execute')
  if (at < 0 || matchAt(tokens, 0, 'grant') > 0 || matchAt(tokens, 0, 'revoke') > 0) return false
  return matchAt(tokens, at, 'execute function') === 0 && matchAt(tokens, at, 'execute procedure') === 0
}

/** Creating a function is harmless whatever it does; calling it in the same file is what it does. */
export function rememberFunction(statement: Statement, facts: FileFacts, lint: Lint): void {
  const name = routineName(statement.tokens)
  if (name === undefined) return
  const inner = [...bodyStatements(statement), ...atomicStatements(statement)]
  const scratch = createFileFacts(inner, facts.transactional, [])
  const found = inner.flatMap((each) => lintInner(each, scratch, lint))
  if (found.some(({ rule }) => !ruleText(rule).warning)) facts.dangerousFunctions.add(name)
}

export const calledFunctions: Rule = ({ tokens }, facts) => {
  const isNamedOnly = ['drop', 'alter', 'grant', 'revoke', 'comment'].includes(tokens[0]?.value ?? '')
  if (isNamedOnly || routineName(tokens) !== undefined || includesSequence(tokens, 'trigger')) return []
  const call = tokens.find(
    (token, at) =>
      token.kind !== 'string' &&
      facts.dangerousFunctions.has(token.value) &&
      matchAt(tokens, at + 1, '(') > 0,
  )
  return call ? [{ rule: 'calls-dangerous-function', line: call.line, subject: call.value }] : []
}

/** A routine without the statements of its BEGIN ATOMIC body, which run when it is called. */
export function withoutRoutineBody(statement: Statement): Statement {
  const atomic = indexOfSequence(statement.tokens, 'begin atomic')
  if (routineName(statement.tokens) === undefined || atomic < 0) return statement
  return { ...statement, tokens: statement.tokens.slice(0, atomic) }
}

function routineName(tokens: readonly Token[]): string | undefined {
  const reader = new TokenReader(tokens)
  if (!reader.accept('create')) return undefined
  reader.accept('or replace')
  return reader.acceptAny('function', 'procedure') ? reader.relation()?.split('.').at(-1) : undefined
}

function bodyStatements({ tokens, chunk }: Statement): Statement[] {
  const isRoutine = matchAt(tokens, 0, 'create') > 0
  return tokens
    .filter((token, at) => token.kind === 'string' && (!isRoutine || matchAt(tokens, at - 1, 'as') > 0))
    .flatMap((token) => proceduralStatements(token.value, token.line, chunk))
}

function atomicStatements(statement: Statement): Statement[] {
  const start = indexOfSequence(statement.tokens, 'begin atomic')
  if (start < 0) return []
  const tokens = statement.tokens.slice(start + 2)
  return [
    {
      ...statement,
      tokens: [{ kind: 'symbol', value: ';', line: statement.line, start: 0, end: 0 }, ...tokens],
    },
  ]
}
