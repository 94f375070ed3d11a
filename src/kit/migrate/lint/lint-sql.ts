import { acknowledge } from './rules/acknowledge.ts'
import { createdRelation } from './rules/created-relation.ts'
import {
  createFileFacts,
  type FileFacts,
  type Found,
  type NullProof,
  type Placed,
  type KnownObjects,
  nothingKnown,
} from './rules/file-facts.ts'
import { lintStatement } from './lint-statement.ts'
import { ruleText } from './rules/rule-table.ts'
import { knownStatement } from './rules/known-statements.ts'
import { type SplitSql, splitStatements, type Statement } from '../sql/split-statements.ts'
import { matchAt } from '../sql/token-reader.ts'

export interface LintedSql {
  found: Placed[]
  /** Proofs that later files can rely on. */
  nullProofs: NullProof[]
}

/** A finding of another linter, at an offset in the text. */
export interface ForeignFound extends Found {
  start: number
}

/** Lints the text of one migration; `foreign` are the findings of another linter, which the same acknowledgements answer. */
export function lintSql(
  sql: string,
  foreign: readonly ForeignFound[] = [],
  nullProofs: readonly NullProof[] = [],
  known: KnownObjects = nothingKnown(),
): LintedSql {
  const split = splitStatements(sql)
  const copies = nullProofs.map((proof) => ({ ...proof }))
  const facts = createFileFacts(split.statements, isTransactional(split.statements), copies, known)
  const own = split.statements.flatMap((statement, index) => {
    const before = split.statements[index - 1]
    if (!facts.transactional && before?.chunk !== statement.chunk) releaseLocks(facts)
    const found = [...knownStatement(statement, facts), ...lintStatement(statement, facts)]
    return found.map((each) => ({ ...each, statement: index }))
  })
  const all = withoutRepeats([...brokenQuotes(split), ...own, ...unseen(foreign, own, split.statements)])
  rememberObjects(split.statements, facts)
  return { found: acknowledge(split, all).sort((a, b) => a.line - b.line), nullProofs: facts.nullProofs }
}

/** The escape that plain Drizzle also runs: the file's first piece is nothing but COMMIT, which ends Drizzle's transaction. */
export function isTransactional(statements: readonly Statement[]): boolean {
  const [first, second] = statements
  const isHeader = first !== undefined && matchAt(first.tokens, 0, 'commit') > 0 && first.tokens.length === 1
  return !(isHeader && first.chunk === 0 && second?.chunk !== 0)
}

/** For the files after this one. */
function rememberObjects(statements: readonly Statement[], { known, dangerousFunctions }: FileFacts): void {
  for (const { tokens } of statements) {
    const created = createdRelation(tokens)
    if (created === undefined || created.isTemporary) continue
    known.tables.add(created.table)
    if (created.isPartitioned) known.partitioned.add(created.table)
  }
  for (const name of dangerousFunctions) known.dangerousFunctions.add(name)
}

function releaseLocks(facts: FileFacts): void {
  facts.locked.clear()
  facts.changesSchema = false
  facts.changesRows = false
}

function brokenQuotes(split: SplitSql): Placed[] {
  return split.unterminated.map(({ what, line }) => ({
    rule: 'unterminated',
    line,
    subject: what,
    statement: undefined,
  }))
}

/** Several actions of one ALTER TABLE can say the same about its table. */
function withoutRepeats(found: readonly Placed[]): Placed[] {
  const keys = found.map((each) => JSON.stringify([each.rule, each.line, each.subject, each.statement]))
  return found.filter((_, index) => keys.indexOf(keys[index] ?? '') === index)
}

/** A second pair of eyes: what squawk says about statements to which our own rules have no objection. */
function unseen(
  foreign: readonly ForeignFound[],
  own: readonly Placed[],
  statements: readonly Statement[],
): Placed[] {
  const judged = new Set(own.filter(({ rule }) => !ruleText(rule).warning).map(({ statement }) => statement))
  return foreign.flatMap(({ start, ...found }) => {
    const index = statements.findLastIndex((statement) => statement.start <= start)
    const statement = index < 0 ? undefined : index
    return statement !== undefined && judged.has(statement) ? [] : [{ ...found, statement }]
  })
}
