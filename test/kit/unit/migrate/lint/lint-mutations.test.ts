import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lintSql } from '../../../../../src/kit/migrate/lint/lint-sql.ts'
import { breakpoint } from '../../../../../src/kit/migrate/sql/split-statements.ts'
import { tokenize } from '../../../../../src/kit/migrate/sql/tokenize.ts'
import { dangerousStatements } from './dangerous-statements.ts'
import { harmlessStatements } from './harmless-statements.ts'

const gaps = [
  ' ',
  '\t',
  '\n\n',
  '\r\n',
  '/**/',
  ' /* it\'s; " $$ */ ',
  '/* /* nested; */ DROP TABLE x; */',
  "-- don't; DROP\n",
  ' --\n',
]

interface Mutation {
  gap: string
  casing: number
}

const mutation = fc.record({ gap: fc.constantFrom(...gaps), casing: fc.integer() })

function recase(word: string, casing: number): string {
  return word.replaceAll(/[a-z]/gi, (char, index: number) =>
    (casing >> (index % 31)) & 1 ? char.toUpperCase() : char.toLowerCase(),
  )
}

/** The same tokens with other letters in capitals and other blanks and comments in between. */
function mutate(sql: string, mutations: readonly Mutation[]): string {
  return sql
    .split(breakpoint)
    .map((piece) =>
      tokenize(piece)
        .tokens.map((token, index) => {
          const { gap, casing } = mutations[index % mutations.length] ?? { gap: ' ', casing: 0 }
          const text = piece.slice(token.start, token.end)
          return `${token.kind === 'word' ? recase(text, casing) : text}${gap}`
        })
        .join(''),
    )
    .join(`\n${breakpoint}\n`)
}

const fileFaults = new Set(['unterminated', 'unknown-statement'])

describe('linter', () => {
  test('still refuses a dangerous statement in other letters, blanks and comments', () => {
    const real = dangerousStatements.filter(([rule]) => !fileFaults.has(rule))
    const cases = fc.tuple(fc.constantFrom(...real), fc.array(mutation, { minLength: 1, maxLength: 12 }))

    fc.assert(
      fc.property(cases, ([[rule, sql], mutations]) => {
        const rules = lintSql(mutate(sql, mutations)).found.map((found) => found.rule)
        expect(rules).toContain(rule)
      }),
      { numRuns: 1_000 },
    )
  })

  test('still lets a harmless statement pass in other letters, blanks and comments', () => {
    const cases = fc.tuple(
      fc.constantFrom(...harmlessStatements),
      fc.array(mutation, { minLength: 1, maxLength: 12 }),
    )

    fc.assert(
      fc.property(cases, ([sql, mutations]) => {
        expect(lintSql(mutate(sql, mutations)).found).toEqual([])
      }),
      { numRuns: 600 },
    )
  })

  test('finds the second statement whatever stands before it', () => {
    const first = fc.constantFrom(
      ...harmlessStatements.filter((sql) => !/^(-- .*\n)?commit|scratch/i.test(sql)),
    )

    fc.assert(
      fc.property(first, (sql) => {
        const rules = lintSql(`${sql.trimEnd().replace(/;$/, '')}\n; drop table "user";`).found.map(
          ({ rule }) => rule,
        )
        expect(rules).toContain('drop-table')
      }),
    )
  })

  test('reads any text to its end without throwing', { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { tokens } = tokenize(text)
        expect(tokens.at(-1)?.end ?? 0).toBeLessThanOrEqual(text.length)
        lintSql(text)
      }),
    )
  })
})
