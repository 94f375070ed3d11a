import { describe, expect, test } from 'vitest'
import { lintSql } from '../../../../../src/kit/migrate/lint/lint-sql.ts'

function rulesOf(...lines: string[]) {
  return lintSql(lines.join('\n')).found.map(({ rule }) => rule)
}

describe('acknowledgement', () => {
  test('lets the one statement below it pass', () => {
    const rules = rulesOf(
      '-- Why: the table is unused since release 12',
      '-- slipway:allow drop-table: nothing has read it since release 12',
      'DROP TABLE old_parcels;',
    )

    expect(rules).toEqual([])
  })

  test('reaches no further than its statement, not even on the same line', () => {
    const rules = rulesOf(
      '-- slipway:allow drop-column: nothing has read it since release 12',
      'ALTER TABLE a DROP b; ALTER TABLE a DROP c;',
    )

    expect(rules).toEqual(['drop-column'])
  })

  test('covers its own rule alone', () => {
    const rules = rulesOf(
      '-- slipway:allow drop-table: nothing has read it since release 12',
      'DROP TABLE a CASCADE;',
    )

    expect(rules).toEqual(['cascade'])
  })

  test('takes several rules with one reason, in a block comment too', () => {
    const rules = rulesOf(
      '/* slipway:allow drop-table, cascade: a view of ours goes with it */',
      'DROP TABLE a CASCADE;',
    )

    expect(rules).toEqual([])
  })

  test('is an error without a reason, and answers nothing', () => {
    expect(rulesOf('-- slipway:allow drop-table', 'DROP TABLE a;').sort()).toEqual([
      'acknowledgement-without-reason',
      'drop-table',
    ])
    expect(rulesOf('-- slipway:allow drop-table: ok', 'DROP TABLE a;')).toContain('drop-table')
    expect(rulesOf('-- slipway:allow: because I say so', 'DROP TABLE a;')).toContain('drop-table')
  })

  test('is an error when it matches nothing', () => {
    expect(rulesOf('-- slipway:allow drop-table: nothing has read it since release 12', 'SELECT 1;')).toEqual(
      ['unused-acknowledgement'],
    )
    expect(
      rulesOf('-- slipway:allow drop-tables: nothing has read it since 12', 'DROP TABLE a;').sort(),
    ).toEqual(['drop-table', 'unused-acknowledgement'])
    expect(
      rulesOf('DROP TABLE a;', '-- slipway:allow drop-table: written below instead of above').sort(),
    ).toEqual(['drop-table', 'unused-acknowledgement'])
  })

  test('inside a string is a string', () => {
    expect(rulesOf("DROP TABLE a; SELECT '-- slipway:allow drop-table: not a comment at all';")).toEqual([
      'drop-table',
    ])
  })

  test('makes no half statement and no open quote right', () => {
    const rules = rulesOf('-- slipway:allow unknown-statement: it looks right to me', 'DROPP TABLE a;')

    expect(rules).toEqual(['unused-acknowledgement', 'unknown-statement'])
  })

  test('of squawk is refused, since it needs no reason', () => {
    expect(rulesOf('-- squawk-ignore ban-drop-table', 'DROP TABLE a;')).toContain('foreign-acknowledgement')
  })
})
