import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lintFiles } from '../../../../../src/kit/migrate/lint/lint-files.ts'
import { lintSql } from '../../../../../src/kit/migrate/lint/lint-sql.ts'
import { isRuleName, ruleTable, ruleText } from '../../../../../src/kit/migrate/lint/rules/rule-table.ts'
import { dangerousStatements } from './dangerous-statements.ts'
import { harmlessStatements } from './harmless-statements.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway lint '))
afterAll(() => rmSync(folder, { recursive: true }))

function rulesOf(sql: string) {
  return lintSql(sql).found.map(({ rule }) => rule)
}

function writeAll(prefix: string, statements: readonly string[]): string[] {
  return statements.map((sql, index) => {
    const name = `${prefix}_${String(index).padStart(4, '0')}.sql`
    writeFileSync(join(folder, name), sql)
    return name
  })
}

describe('linter', () => {
  test('is tried on at least 60 dangerous and 20 harmless statements', () => {
    expect(dangerousStatements.length).toBeGreaterThanOrEqual(60)
    expect(harmlessStatements.length).toBeGreaterThanOrEqual(20)
  })

  test('has a dangerous statement for every rule about SQL that refuses', () => {
    const tried = new Set<string>(dangerousStatements.map(([rule]) => rule))
    const elsewhere = /acknowledgement|squawk|syntax-error|shadow-table/
    const names = Object.keys(ruleTable).filter((name) => isRuleName(name) && !ruleText(name).warning)

    expect(names.filter((name) => !tried.has(name) && !elsewhere.test(name))).toEqual([])
  })

  test('leaves what it does not know to squawk', async () => {
    writeFileSync(join(folder, 'syntax.sql'), 'CREATE TABEL trips (id int);\nSELECT 1 FROM WHERE;')

    const findings = await lintFiles(folder, ['syntax.sql'])

    expect(findings[0]).toMatchObject({ line: 1, rule: 'syntax-error' })
  })

  test('leaves a change of type to the rehearsal, which the server decides, and says so', () => {
    const types = ['bigint', 'varchar(10)', 'text USING "position"::text', 'numeric(9, 2) USING (position)']
    const found = types.map(
      (type) => lintSql(`ALTER TABLE letters ALTER COLUMN position TYPE ${type};`).found,
    )

    expect(found.map(([each, ...rest]) => [each?.rule, rest.length])).toEqual(
      types.map(() => ['type-by-rehearsal', 0]),
    )
    expect(ruleText('type-by-rehearsal').warning).toBe(true)
  })

  test('knows by the files before which tables a temporary one hides and which functions change rows', async () => {
    writeFileSync(
      join(folder, 'known_0.sql'),
      'CREATE TABLE trips (id int); CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS $$ DELETE FROM trips $$;',
    )
    writeFileSync(
      join(folder, 'known_1.sql'),
      'CREATE TEMP TABLE trips (id int); DROP TABLE public.trips; SELECT wipe();',
    )

    const findings = await lintFiles(folder, ['known_1.sql'])

    expect(findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['shadow-table', 'drop-table', 'calls-dangerous-function']),
    )
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
    const sql = '-- Why: nobody knows\n\nSELECT 1;\nALTER TABLE\n  parcels\n  DROP COLUMN notes;\n'
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
