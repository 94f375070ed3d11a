import type { Statement } from './split-statements.ts'
import { TokenReader } from './token-reader.ts'
import { type Token, tokenize } from './tokenize.ts'

/** The SQL statements inside a PL/pgSQL body, each without the control words that stand before it. */
export function proceduralStatements(body: string, line: number, chunk: number): Statement[] {
  return cutAtControlWords(tokenize(body, line).tokens)
    .map(withoutPrefix)
    .flatMap((tokens) => {
      const [first] = tokens
      const last = tokens.at(-1)
      if (!first || !last || endsBlock(first)) return []
      return [{ tokens, comments: [], line: first.line, endLine: last.line, start: first.start, chunk }]
    })
}

/** END, END IF and END LOOP close a block here, where as a statement END would end the transaction. */
function endsBlock(first: Token): boolean {
  return first.kind === 'word' && first.value === 'end'
}

const controlWords = new Set(['begin', 'then', 'else', 'loop', 'declare', 'exception'])

function cutAtControlWords(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let caseDepth = 0
  for (const token of tokens) {
    const part = parts.at(-1) ?? []
    const word = token.kind === 'word' ? token.value : ''
    // CASE at the start of a part is the control statement; elsewhere it is an expression with its own THEN and ELSE.
    if (word === 'case' && part.length > 0 && part[0]?.value !== 'end') caseDepth += 1
    const cuts = caseDepth === 0 && controlWords.has(word)
    if (cuts || (token.kind === 'symbol' && token.value === ';')) {
      parts.push([])
      caseDepth = 0
    } else part.push(token)
    if (word === 'end' && caseDepth > 0) caseDepth -= 1
  }
  return parts
}

/** `FOR row IN DELETE ...`, `RETURN QUERY UPDATE ...` and labels still run the statement behind them. */
function withoutPrefix(tokens: Token[]): Token[] {
  const reader = new TokenReader(tokens)
  if (reader.accept('< <')) {
    reader.next()
    reader.accept('> >')
  }
  reader.accept('return query')
  if (reader.accept('for')) {
    reader.next()
    while (reader.accept(',')) reader.next()
    reader.accept('in')
  }
  if (reader.accept('perform'))
    return [{ ...(tokens[reader.index - 1] as Token), value: 'select' }, ...reader.rest()]
  return reader.rest()
}
