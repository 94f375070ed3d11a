import { type FileFacts, type Found, isExisting, mayHoldRows, type Rule } from './file-facts.ts'
import { includesSequence, matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'
import { isAlwaysTrue } from './always-true.ts'

export const truncate: Rule = ({ tokens, line }, facts) => {
  const reader = new TokenReader(tokens)
  if (!reader.accept('truncate')) return []
  reader.accept('table')
  const found: Found[] = []
  do {
    reader.accept('only')
    const subject = reader.relation()
    reader.accept('*')
    if (subject && mayHoldRows(facts, subject)) found.push({ rule: 'truncate', line, subject })
  } while (reader.accept(','))
  return found
}

export const copyRows: Rule = ({ tokens, line }) =>
  matchAt(tokens, 0, 'copy') > 0 ? [{ rule: 'copy-rows', line }] : []

/** UPDATE, DELETE and MERGE wherever they stand: alone, in a CTE, behind WITH, PREPARE, EXPLAIN ANALYZE, or in a rule. */
export const changeRows: Rule = ({ tokens }, facts) =>
  tokens.flatMap((token, index) => {
    const change = readChange(tokens, index)
    if (!change || !mayHoldRows(facts, change.table)) return []
    const at = { line: token.line, subject: change.table }
    const found: Found[] = isBounded(change, facts) ? [] : [{ rule: change.rule, ...at }]
    facts.changesRows = true
    if (facts.changesSchema) found.push({ rule: 'ddl-with-backfill', ...at })
    return found
  })

/** Catalogs, and the schema of Drizzle's journal. */
const systemTable = /^(pg_catalog|information_schema|drizzle)\.|^public\.pg_/

export const changeSystemTables: Rule = ({ tokens }) =>
  tokens.flatMap((token, index) => {
    const reader = new TokenReader(tokens, index)
    const isInsert = startsStatement(tokens, index) && reader.accept('insert into')
    const subject = isInsert ? reader.relation() : readChange(tokens, index)?.table
    return subject && systemTable.test(subject) ? [{ rule: 'system-tables', line: token.line, subject }] : []
  })

interface Change {
  rule: 'update-without-where' | 'delete-without-where'
  isMerge: boolean
  table: string
  clauses: Token[]
}

function readChange(tokens: readonly Token[], index: number): Change | undefined {
  const reader = new TokenReader(tokens, index)
  if (!startsStatement(tokens, index)) return undefined
  const isMerge = reader.accept('merge into')
  const isDelete = !isMerge && reader.accept('delete from')
  if (!isMerge && !isDelete && !reader.accept('update')) return undefined
  reader.accept('only')
  const table = reader.relation()
  if (table === undefined) return undefined
  const clauses = untilClosing(reader.rest())
  return { rule: isDelete ? 'delete-without-where' : 'update-without-where', isMerge, table, clauses }
}

/** `FOR UPDATE`, `ON UPDATE`, `DO UPDATE SET`, `GRANT UPDATE` and trigger events are no statements. */
export function startsStatement(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]
  if (before === undefined) return true
  if (before.kind === 'symbol') return ['(', ')', ';'].includes(before.value)
  if (before.kind !== 'word') return false
  if (before.value === 'as') return matchAt(tokens, 0, 'prepare') > 0
  return ['analyze', 'verbose', 'atomic'].includes(before.value)
}

/** Up to the parenthesis or semicolon that ends this part; what stands in deeper parentheses is not its own clause. */
function untilClosing(tokens: readonly Token[]): Token[] {
  const own: Token[] = []
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    if (depth < 0 || (depth === 0 && token.kind === 'symbol' && token.value === ';')) break
    own.push(token)
    if (token.kind === 'symbol' && token.value === '(') depth += 1
  }
  return own
}

function isBounded({ clauses, isMerge, table }: Change, facts: FileFacts): boolean {
  if (isMerge && mergesTable(clauses, facts)) return false
  const start = indexOutside(clauses, isMerge ? 'on' : 'where')
  const condition = start < 0 ? [] : clauses.slice(start + 1)
  const end = indexOutside(condition, isMerge ? 'when' : 'returning')
  return !isAlwaysTrue(end < 0 ? condition : condition.slice(0, end), table)
}

/** The source of a MERGE is a table as it is, or a query of one without WHERE and LIMIT. */
function mergesTable(clauses: readonly Token[], facts: FileFacts): boolean {
  const using = indexOutside(clauses, 'using')
  const reader = new TokenReader(clauses, using + 1)
  reader.accept('only')
  const table = reader.relation()
  if (using < 0 || table !== undefined) return table !== undefined && isExisting(facts, table)
  const query = clauses.slice(using + 1, indexOutside(clauses, 'on'))
  return (
    includesSequence(query, 'from') && !includesSequence(query, 'where') && !includesSequence(query, 'limit')
  )
}

function indexOutside(tokens: readonly Token[], word: string): number {
  let depth = 0
  return tokens.findIndex((token) => {
    if (token.kind === 'symbol' && token.value === '(') depth += 1
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    return depth === 0 && token.kind === 'word' && token.value === word
  })
}
