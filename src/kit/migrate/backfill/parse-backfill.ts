import { createHash } from 'node:crypto'
import { splitStatements, type Statement } from '../sql/split-statements.ts'
import { matchAt, TokenReader } from '../sql/token-reader.ts'
import type { Token } from '../sql/tokenize.ts'
import { CommandError } from '../../errors.ts'

export interface Backfill {
  name: string
  /** sha256 of the file: a statement must not change halfway through its rows. */
  hash: string
  /** As written, schema and quotes included. */
  table: string
  /** Alias of the table in the statement, or its name. */
  alias: string
  /** The statement up to and with WHERE, and what stands behind it. */
  head: string
  condition: string
}

/** Reads a file that holds one UPDATE or DELETE of one table with a WHERE; the key's range is added per batch. */
export function parseBackfill(name: string, sql: string): Backfill {
  const { statements, unterminated } = splitStatements(sql)
  const [statement, second] = statements
  if (!statement || second || unterminated.length > 0)
    throw refuse(name, 'holds more or less than one statement')
  const target = readTarget(name, statement, sql)
  const where = indexOutside(statement.tokens, 'where')
  const [begin, last] = [statement.tokens[where], statement.tokens.at(-1)]
  if (!begin || !last) throw refuse(name, 'has no WHERE that says which rows are left')
  if (indexOutside(statement.tokens, 'returning') >= 0)
    throw refuse(name, 'has a RETURNING, which nobody reads')
  return {
    name,
    hash: createHash('sha256').update(sql).digest('hex'),
    ...target,
    head: sql.slice(statement.start, begin.end),
    condition: sql.slice(begin.end, last.end),
  }
}

function readTarget(name: string, { tokens }: Statement, sql: string): { table: string; alias: string } {
  const reader = new TokenReader(tokens)
  if (!reader.acceptAny('update', 'delete from')) throw refuse(name, 'is neither UPDATE nor DELETE')
  reader.accept('only')
  const first = tokens[reader.index]
  const relation = reader.relation()
  const last = tokens[reader.index - 1]
  if (relation === undefined || !first || !last) throw refuse(name, 'names no table')
  const isAliased =
    reader.accept('as') || !['set', 'where', 'using'].includes(tokens[reader.index]?.value ?? 'set')
  const alias = isAliased ? tokens[reader.index] : last
  return { table: sql.slice(first.start, last.end), alias: textOf(alias ?? last, sql) }
}

function textOf(token: Token, sql: string): string {
  return sql.slice(token.start, token.end)
}

function indexOutside(tokens: readonly Token[], word: string): number {
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'symbol' && token.value === '(') depth += 1
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    if (depth === 0 && matchAt(tokens, index, word) > 0) return index
  }
  return -1
}

function refuse(name: string, problem: string): CommandError {
  return new CommandError('usage', `backfill ${name} ${problem}`, {
    hint: 'write one UPDATE or DELETE of one table, with a WHERE that is true for the rows still to be changed',
  })
}
