import type { Token } from './tokenize.ts'

/** A cursor over the tokens of one statement; keywords are matched without case and never inside quotes. */
export class TokenReader {
  readonly tokens: readonly Token[]
  index: number

  constructor(tokens: readonly Token[], index = 0) {
    this.tokens = tokens
    this.index = index
  }

  /** Consumes the keywords or symbols in `sequence` if all of them come next. */
  accept(sequence: string): boolean {
    const length = matchAt(this.tokens, this.index, sequence)
    this.index += length
    return length > 0
  }

  acceptAny(...sequences: string[]): boolean {
    return sequences.some((sequence) => this.accept(sequence))
  }

  peek(sequence: string): boolean {
    return matchAt(this.tokens, this.index, sequence) > 0
  }

  next(): Token | undefined {
    const token = this.tokens[this.index]
    this.index += 1
    return token
  }

  /** A possibly qualified name as `schema.name`, `public` where no schema is written; undefined if none comes next. */
  relation(): string | undefined {
    const parts: string[] = []
    do {
      const token = this.tokens[this.index]
      if (token?.kind !== 'word' && token?.kind !== 'name') return undefined
      parts.push(token.value)
      this.index += 1
    } while (this.accept('.'))
    return parts.length === 1 ? `public.${parts.join('')}` : parts.slice(-2).join('.')
  }

  rest(): Token[] {
    return this.tokens.slice(this.index)
  }
}

/**
 * Returns the number of tokens that `sequence` (keywords and symbols, space separated) covers at `index`; 0 when it
 * does not match.
 */
export function matchAt(tokens: readonly Token[], index: number, sequence: string): number {
  const parts = sequence.split(' ')
  const hit = parts.every((part, offset) => {
    const token = tokens[index + offset]
    return (token?.kind === 'word' || token?.kind === 'symbol') && token.value === part
  })
  return hit ? parts.length : 0
}

export function indexOfSequence(tokens: readonly Token[], sequence: string, from = 0): number {
  for (let index = from; index < tokens.length; index++)
    if (matchAt(tokens, index, sequence) > 0) return index
  return -1
}

export function includesSequence(tokens: readonly Token[], sequence: string): boolean {
  return indexOfSequence(tokens, sequence) >= 0
}

/** Only the tokens outside every parenthesis: clause keywords of the statement itself, not of a sub-select. */
export function outsideParentheses(tokens: readonly Token[]): Token[] {
  let depth = 0
  return tokens.filter((token) => {
    if (token.kind === 'symbol' && token.value === '(') depth += 1
    const outside = depth === 0
    if (token.kind === 'symbol' && token.value === ')') depth -= 1
    return outside
  })
}

/** Splits at commas outside parentheses and brackets. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    const symbol = token.kind === 'symbol' ? token.value : ''
    if (symbol === '(' || symbol === '[') depth += 1
    if (symbol === ')' || symbol === ']') depth -= 1
    if (symbol === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter((part) => part.length > 0)
}
