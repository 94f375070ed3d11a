import { describe, expect, it } from 'vitest'
import { readMigrations } from '../../../../src/kit/migrate/read-migrations.ts'
import { createCheckFolder } from './check/check-folder.ts'

function read(sql: string) {
  const folder = createCheckFolder()
  folder.write({ '0000_a': { sql, when: 1 } })
  return readMigrations(folder.path)[0]
}

describe('readMigrations', () => {
  it.each([
    ['-- why\nCOMMIT;--> statement-breakpoint\nVACUUM;'],
    ['commit --> statement-breakpoint\nVACUUM;'],
    ['/* why\nCOMMIT */ -- and more\nCommit ;\n--> statement-breakpoint\nVACUUM;'],
  ])('takes %j for a file outside a transaction', (sql) => {
    expect(read(sql)?.isTransactional).toBe(false)
  })

  it.each([
    ['CREATE TABLE "a" ();--> statement-breakpoint\nCOMMIT;'],
    ['-- COMMIT;\nSELECT 1;'],
    ['COMMIT; SELECT 1;'],
    [''],
  ])('takes %j for one in a transaction', (sql) => {
    expect(read(sql)?.isTransactional).toBe(true)
  })

  it('knows the hash that the file has with the other line endings', () => {
    const unix = read('SELECT 1;\nSELECT 2;\n')
    const windows = read('SELECT 1;\r\nSELECT 2;\r\n')

    expect(unix?.otherLineEndingHashes).toEqual([windows?.hash])
    expect(windows?.otherLineEndingHashes).toEqual([unix?.hash])
  })

  it('refuses a folder that is not there with the path that it looked for', () => {
    expect(() => readMigrations('/nowhere')).toThrow(/the migrations folder cannot be read: .*nowhere/)
  })
})
