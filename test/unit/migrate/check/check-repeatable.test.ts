import { describe, expect, it } from 'vitest'
import { checkRepeatable } from '../../../../src/migrate/check/check-repeatable.ts'

const fileOf = (statement: string) => ({
  position: 1,
  tag: '0000_file',
  when: 1,
  hash: '',
  otherLineEndingHashes: [],
  statements: ['-- why\nCOMMIT;', statement],
  isTransactional: false,
})

describe('checkRepeatable', () => {
  it.each([
    'CREATE INDEX CONCURRENTLY "a" ON "b" ("c");',
    'CREATE TABLE IF NOT EXISTS "a" ();',
    'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1;',
    '-- why\nDROP INDEX CONCURRENTLY IF EXISTS "a";',
    `ALTER TYPE "rig" ADD VALUE IF NOT EXISTS 'yawl';`,
    'ALTER TABLE "a" VALIDATE CONSTRAINT "b";',
    'VACUUM ANALYZE "a";',
  ])('lets %s pass', (statement) => {
    expect(checkRepeatable([fileOf(statement)])).toEqual([])
  })

  it.each([
    'CREATE INDEX CONCURRENTLY ON "b" ("c");',
    'CREATE TABLE "a" ();',
    '/* why */ drop index concurrently "a";',
    `ALTER TYPE "rig" ADD VALUE 'yawl';`,
    'ALTER TABLE "a" ADD COLUMN "b" text;',
  ])('refuses %s', (statement) => {
    expect(checkRepeatable([fileOf(statement)])).toMatchObject([
      { message: '0000_file: statement 2 runs outside a transaction and cannot be repeated' },
    ])
  })

  it('does not judge files in a transaction', () => {
    expect(checkRepeatable([{ ...fileOf('CREATE TABLE "a" ();'), isTransactional: true }])).toEqual([])
  })
})
