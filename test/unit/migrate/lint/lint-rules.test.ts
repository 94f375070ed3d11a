import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lintFiles } from '../../../../src/migrate/lint/lint-files.ts'
import { lintSql } from '../../../../src/migrate/lint/lint-sql.ts'
import { isRuleName, ruleTable, ruleText } from '../../../../src/migrate/lint/rule-table.ts'
import { dangerousStatements } from './dangerous-statements.ts'
import { harmlessStatements } from './harmless-statements.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway lint '))
afterAll(() => rmSync(folder, { recursive: true }))

const rulesOf = (sql: string) => lintSql(sql).found.map(({ rule }) => rule)

const writeAll = (prefix: string, statements: readonly string[]): string[] =>
  statements.map((sql, index) => {
    const name = `${prefix}_${String(index).padStart(4, '0')}.sql`
    writeFileSync(join(folder, name), sql)
    return name
  })

describe('linter', () => {
  test('is tried on at least 60 dangerous and 20 harmless statements', () => {
    expect(dangerousStatements.length).toBeGreaterThanOrEqual(60)
    expect(harmlessStatements.length).toBeGreaterThanOrEqual(20)
  })

  test('has a dangerous statement for every rule about SQL that refuses', () => {
    const tried = new Set<string>(dangerousStatements.map(([rule]) => rule))
    const elsewhere = /acknowledgement|squawk|syntax-error/
    const names = Object.keys(ruleTable).filter((name) => isRuleName(name) && !ruleText(name).warning)

    expect(names.filter((name) => !tried.has(name) && !elsewhere.test(name))).toEqual([])
  })

  test('leaves what it does not know to squawk', async () => {
    writeFileSync(join(folder, 'syntax.sql'), 'CREATE TABEL trips (id int);\nSELECT 1 FROM WHERE;')

    const findings = await lintFiles(folder, ['syntax.sql'])

    expect(findings[0]).toMatchObject({ line: 1, rule: 'syntax-error' })
  })

  test('warns of a trigger on a table with traffic without refusing it', () => {
    const sql = 'CREATE TRIGGER t AFTER INSERT ON itineraries FOR EACH ROW EXECUTE FUNCTION f();'

    const [found] = lintSql(sql).found

    expect(found?.rule).toBe('create-trigger')
    expect(ruleText('create-trigger').warning).toBe(true)
  })

  test.each(dangerousStatements)('refuses by %s: %s', (rule, sql) => {
    expect(rulesOf(sql)).toContain(rule)
    expect(ruleText(rule).warning).toBeUndefined()
  })

  test.each(harmlessStatements)('lets pass: %s', (sql) => {
    expect(lintSql(sql).found).toEqual([])
  })

  test('refuses none of the harmless statements when squawk judges them too', async () => {
    const names = writeAll('harmless', harmlessStatements)

    const findings = await lintFiles(folder, names)

    expect(findings.map(({ file, rule, sentence }) => `${file} ${rule} ${sentence}`)).toEqual([])
  })

  test('names file, line, rule and the safe way', async () => {
    const sql = '-- Why: nobody knows\n\nSELECT 1;\nALTER TABLE\n  itineraries\n  DROP COLUMN notes;\n'
    writeFileSync(join(folder, 'one.sql'), sql)

    const [finding] = await lintFiles(folder, ['one.sql'])

    expect(finding).toEqual({
      file: join(folder, 'one.sql'),
      line: 6,
      rule: 'drop-column',
      severity: 'error',
      sentence: 'notes: the running version still names the column in its queries',
      hint: expect.stringContaining('release code that no longer uses it first') as string,
    })
  })
})
