import { type Comment, type Token, tokenize } from './tokenize.ts'

export interface Statement {
  tokens: Token[]
  /** Comments before and within the statement, after the end of the one before it. */
  comments: Comment[]
  line: number
  endLine: number
  /** Offset in the file of the first token. */
  start: number
  /** Which piece between `--> statement-breakpoint` marks it stands in: the runner sends each piece as one query. */
  chunk: number
}

export interface SplitSql {
  statements: Statement[]
  comments: Comment[]
  unterminated: { what: string; line: number }[]
}

export const breakpoint = '--> statement-breakpoint'

/** Cuts at the marks exactly as Drizzle does (a plain text split, also inside quotes), then at semicolons as psql does. */
export function splitStatements(sql: string): SplitSql {
  const result: SplitSql = { statements: [], comments: [], unterminated: [] }
  let line = 1
  let offset = 0
  for (const [chunk, text] of sql.split(breakpoint).entries()) {
    const { tokens, comments, unterminated } = tokenize(text, line)
    result.comments.push(...comments)
    if (unterminated) result.unterminated.push(unterminated)
    result.statements.push(...groupTokens(tokens, comments, { chunk, offset }))
    offset += text.length + breakpoint.length
    line += text.split('\n').length - 1
  }
  return result
}

function groupTokens(
  tokens: Token[],
  comments: Comment[],
  piece: { chunk: number; offset: number },
): Statement[] {
  const statements: Statement[] = []
  let open: Token[] = []
  let pending = comments
  const close = (end: number): void => {
    const [first] = open
    const own = pending.filter((comment) => comment.start < end)
    if (first) {
      const endLine = open.at(-1)?.line ?? first.line
      const start = piece.offset + first.start
      statements.push({ tokens: open, comments: own, line: first.line, endLine, start, chunk: piece.chunk })
      pending = pending.slice(own.length)
    }
    open = []
  }
  const nesting = createNesting()
  for (const [index, token] of tokens.entries()) {
    if (nesting.endsStatement(token, tokens[index + 1])) close(token.end)
    else open.push(token)
  }
  close(open.at(-1)?.end ?? 0)
  return statements
}

/** Semicolons inside parentheses (CREATE RULE) and inside BEGIN ATOMIC ... END do not end a statement. */
function createNesting(): { endsStatement(token: Token, next: Token | undefined): boolean } {
  let parentheses = 0
  let blocks = 0
  const enterOrLeave = (token: Token, next: Token | undefined): void => {
    if (token.kind === 'symbol' && token.value === '(') parentheses += 1
    if (token.kind === 'symbol' && token.value === ')') parentheses = Math.max(0, parentheses - 1)
    if (token.kind !== 'word') return
    if (token.value === 'begin' && isWord(next, 'atomic')) blocks += 1
    else if (blocks > 0 && token.value === 'case') blocks += 1
    else if (blocks > 0 && token.value === 'end') blocks -= 1
  }
  return {
    endsStatement(token, next) {
      enterOrLeave(token, next)
      return token.kind === 'symbol' && token.value === ';' && parentheses === 0 && blocks === 0
    },
  }
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.value === word
}
