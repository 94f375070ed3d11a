import type { FileFacts, Found } from './file-facts.ts'
import {
  includesSequence,
  indexOfSequence,
  matchAt,
  outsideParentheses,
  TokenReader,
} from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

const constraintStarts = [
  'constraint',
  'check',
  'unique',
  'primary key',
  'foreign key',
  'exclude using',
  'exclude (',
  'not null',
]

export function startsConstraint(tokens: readonly Token[]): boolean {
  return constraintStarts.some((start) => matchAt(tokens, 0, start) > 0)
}

/** `definition` is what follows ADD of an existing table. */
export function addConstraint(table: string, definition: readonly Token[], facts: FileFacts): Found[] {
  const { name, body } = readConstraint(definition)
  const outside = outsideParentheses(body)
  const at = { line: definition[0]?.line ?? 0, subject: name ?? table }
  const deferred = includesSequence(outside, 'not valid') || includesSequence(outside, 'not enforced')
  rememberNullCheck(table, name, body, !deferred, facts)
  if (['unique', 'primary', 'exclude'].includes(body[0]?.value ?? '')) {
    return usesBuiltIndex(outside) ? [] : [{ rule: 'add-index-constraint', ...at }]
  }
  return deferred ? [] : [{ rule: 'add-constraint-without-not-valid', ...at }]
}

export function validateConstraint(table: string, name: string | undefined, facts: FileFacts): void {
  for (const proof of facts.nullProofs) {
    if (proof.table === table && proof.constraint === name) proof.validated = true
  }
}

/** `action` is what follows DROP CONSTRAINT; of an unnamed kind, only the usual names of primary keys can be told apart. */
export function dropConstraint(table: string, action: readonly Token[], facts: FileFacts): Found[] {
  const reader = new TokenReader(action)
  reader.accept('if exists')
  const name = reader.next()
  if (!name) return []
  facts.nullProofs = facts.nullProofs.filter(
    (proof) => proof.table !== table || proof.constraint !== name.value,
  )
  const at = { line: name.line, subject: name.value }
  if (/_(pkey|pk)$/.test(name.value)) return [{ rule: 'drop-primary-key', ...at }]
  return isUniqueName(name.value) ? [{ rule: 'drop-unique-key', ...at }] : []
}

/** As PostgreSQL, drizzle-kit and people name them; the rehearsal knows the others. */
export function isUniqueName(name: string): boolean {
  return /_(key|unique|uniq|uq|uk|excl)$/.test(name)
}

function readConstraint(definition: readonly Token[]): { name: string | undefined; body: Token[] } {
  const reader = new TokenReader(definition)
  const name = reader.accept('constraint') ? reader.next()?.value : undefined
  return { name, body: reader.rest() }
}

/** `USING INDEX TABLESPACE x` is something else: it builds an index there. */
function usesBuiltIndex(outside: readonly Token[]): boolean {
  const at = indexOfSequence(outside, 'using index')
  return at >= 0 && matchAt(outside, at, 'using index tablespace') === 0
}

function rememberNullCheck(
  table: string,
  constraint: string | undefined,
  body: readonly Token[],
  validated: boolean,
  facts: FileFacts,
): void {
  const column = nullCheckedColumn(body)
  if (constraint && column) facts.nullProofs.push({ table, constraint, column, validated })
}

/** The column in `CHECK (column IS NOT NULL)`, however many parentheses and qualifiers people write around it. */
function nullCheckedColumn(body: readonly Token[]): string | undefined {
  if (body[0]?.value !== 'check') return undefined
  const end = indexOfSequence(body, 'is not null')
  if (end < 0) return undefined
  const before = body.slice(1, end).filter((token) => token.value !== '(')
  const after = body.slice(end + 3).filter((token) => token.value !== ')')
  const names = before.filter((token) => token.value !== '.')
  const isPlainName = names.every((token) => token.kind !== 'symbol') && names.length <= 3
  const nothingElse = after.every((token) => ['not', 'valid', 'no', 'inherit'].includes(token.value))
  return isPlainName && nothingElse && before.length === names.length * 2 - 1
    ? names.at(-1)?.value
    : undefined
}
