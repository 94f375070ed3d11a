export interface Token {
  /** `word` is an unquoted identifier or keyword (value in lower case), `name` a quoted identifier (value unquoted). */
  kind: 'word' | 'name' | 'string' | 'number' | 'symbol'
  value: string
  line: number
  start: number
  end: number
}

export interface Comment {
  text: string
  line: number
  start: number
}

export interface TokenizedSql {
  tokens: Token[]
  comments: Comment[]
  unterminated: { what: string; line: number } | undefined
}

const identifierStart = 'A-Za-z_\\u0080-\\uffff'
const lexemes = {
  space: /[ \t\n\r\f\v]+/y,
  lineComment: /--[^\n\r]*/y,
  dollar: new RegExp(`\\$(?:[${identifierStart}][\\w\\u0080-\\uffff]*)?\\$`, 'y'),
  escapeString: /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/y,
  string: /(?:[bBxXnN]|[uU]&)?'[^']*(?:''[^']*)*'/y,
  name: /(?:[uU]&)?"[^"]*(?:""[^"]*)*"/y,
  word: new RegExp(`[${identifierStart}][\\w$\\u0080-\\uffff]*`, 'y'),
  number: /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y,
}

/** Cuts SQL the way PostgreSQL's scanner does (`src/backend/parser/scan.l`). */
export function tokenize(sql: string, firstLine = 1): TokenizedSql {
  const result: TokenizedSql = { tokens: [], comments: [], unterminated: undefined }
  let line = firstLine
  for (let at = 0; at < sql.length;) {
    const end = scanOne(sql, at, line, result)
    line += countNewlines(sql.slice(at, end))
    at = end
  }
  return result
}

function scanOne(sql: string, at: number, line: number, result: TokenizedSql): number {
  const blank = match(lexemes.space, sql, at)
  if (blank) return at + blank.length
  return scanComment(sql, at, line, result) ?? scanToken(sql, at, line, result)
}

function scanComment(sql: string, at: number, line: number, result: TokenizedSql): number | undefined {
  const lineComment = match(lexemes.lineComment, sql, at)
  if (!lineComment && !sql.startsWith('/*', at)) return undefined
  const end = lineComment ? at + lineComment.length : blockCommentEnd(sql, at)
  if (end === undefined) result.unterminated ??= { what: 'comment', line }
  result.comments.push({ text: sql.slice(at, end), line, start: at })
  return end ?? sql.length
}

/** Block comments nest in PostgreSQL, unlike in C. */
function blockCommentEnd(sql: string, start: number): number | undefined {
  const edges = /\/\*|\*\//g
  edges.lastIndex = start
  let depth = 0
  for (let edge = edges.exec(sql); edge; edge = edges.exec(sql)) {
    depth += edge[0] === '/*' ? 1 : -1
    if (depth === 0) return edges.lastIndex
  }
  return undefined
}

function scanToken(sql: string, at: number, line: number, result: TokenizedSql): number {
  const token = readToken(sql, at)
  if (token.unterminated) result.unterminated ??= { what: token.unterminated, line }
  result.tokens.push({ kind: token.kind, value: token.value, line, start: at, end: token.end })
  return token.end
}

interface RawToken {
  kind: Token['kind']
  value: string
  end: number
  unterminated?: string
}

function readToken(sql: string, at: number): RawToken {
  const dollar = match(lexemes.dollar, sql, at)
  if (dollar) return readDollarQuote(sql, at, dollar)
  const escaped = match(lexemes.escapeString, sql, at)
  if (escaped) return { kind: 'string', value: decodeEscapes(escaped.slice(2, -1)), end: at + escaped.length }
  const string = match(lexemes.string, sql, at)
  if (string) return { kind: 'string', value: unquote(string, "'"), end: at + string.length }
  const name = match(lexemes.name, sql, at)
  if (name) return { kind: 'name', value: unquote(name, '"'), end: at + name.length }
  const word = match(lexemes.word, sql, at)
  if (word) return { kind: 'word', value: word.toLowerCase(), end: at + word.length }
  const number = match(lexemes.number, sql, at)
  if (number) return { kind: 'number', value: number, end: at + number.length }
  return readSymbol(sql, at)
}

function readSymbol(sql: string, at: number): RawToken {
  const value = sql.charAt(at)
  if (value === "'") return { kind: 'string', value: '', end: sql.length, unterminated: 'string' }
  if (value === '"') return { kind: 'name', value: '', end: sql.length, unterminated: 'quoted name' }
  return { kind: 'symbol', value, end: at + 1 }
}

function readDollarQuote(sql: string, at: number, tag: string): RawToken {
  const bodyStart = at + tag.length
  const bodyEnd = sql.indexOf(tag, bodyStart)
  if (bodyEnd < 0) {
    return { kind: 'string', value: sql.slice(bodyStart), end: sql.length, unterminated: `${tag} quote` }
  }
  return { kind: 'string', value: sql.slice(bodyStart, bodyEnd), end: bodyEnd + tag.length }
}

/** Strips prefix and quotes; `U&` forms have their `\0075` escapes decoded, since they spell ordinary names. */
function unquote(text: string, quote: string): string {
  const inner = text.slice(text.indexOf(quote) + 1, -1).replaceAll(quote + quote, quote)
  if (!/^u&/i.test(text)) return inner
  return inner.replaceAll(/\\(?:\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))/g, (_, long?: string, short?: string) =>
    String.fromCodePoint(Math.min(Number.parseInt(long ?? short ?? '0', 16), 0x10ffff)),
  )
}

function decodeEscapes(inner: string): string {
  return inner
    .replaceAll("''", "'")
    .replaceAll(/\\([\s\S])/g, (_, char: string) => (char === 'n' ? '\n' : char))
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}

function countNewlines(text: string): number {
  return text.split('\n').length - 1
}
