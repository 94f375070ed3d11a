import { describe, expect, test } from 'vitest'
import { parseBackfill } from '../../../../../src/kit/migrate/backfill/parse-backfill.ts'

function partsOf(sql: string) {
  const { table, alias, head, condition } = parseBackfill('b', sql)
  return { table, alias, head, condition }
}

describe('backfill file', () => {
  test('gives table, alias and the place where the range goes', () => {
    const sql = `-- Why: where\nUPDATE ONLY public."Trip s" AS t SET note = (SELECT 'x' WHERE true) WHERE t.note IS NULL OR t.a = 1; -- end`

    expect(partsOf(sql)).toEqual({
      table: 'public."Trip s"',
      alias: 't',
      head: `UPDATE ONLY public."Trip s" AS t SET note = (SELECT 'x' WHERE true) WHERE`,
      condition: ' t.note IS NULL OR t.a = 1',
    })
  })

  test('calls a table without an alias by its own name', () => {
    expect(partsOf('delete from app.sessions where expires_at < now()')).toMatchObject({
      table: 'app.sessions',
      alias: 'sessions',
    })
    expect(partsOf('UPDATE "T" SET a = 1 WHERE a IS NULL').alias).toBe('"T"')
    expect(partsOf('UPDATE trips t SET a = 1 WHERE a IS NULL').alias).toBe('t')
  })

  test.each([
    ['UPDATE trips SET a = 1', 'no WHERE'],
    ['UPDATE trips SET a = (SELECT 1 WHERE true)', 'no WHERE'],
    ['UPDATE trips SET a = 1 WHERE a IS NULL RETURNING id', 'RETURNING'],
    ['UPDATE trips SET a = 1 WHERE a IS NULL; DROP TABLE trips', 'one statement'],
    ['-- nothing', 'one statement'],
    ["UPDATE trips SET a = 'x WHERE a IS NULL", 'one statement'],
    ['TRUNCATE trips', 'neither UPDATE nor DELETE'],
    ['INSERT INTO a SELECT * FROM b WHERE true', 'neither UPDATE nor DELETE'],
  ])('refuses %s', (sql, problem) => {
    expect(() => parseBackfill('b', sql)).toThrow(problem)
  })
})
