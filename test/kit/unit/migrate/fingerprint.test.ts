import { describe, expect, it } from 'vitest'
import { isStale, makeFingerprint } from '../../../../src/kit/migrate/fingerprint.ts'

function fileOf(tag: string, sql: string) {
  return {
    position: 1,
    tag,
    when: 1,
    hash: sql,
    otherLineEndingHashes: [],
    statements: sql.split('--> statement-breakpoint'),
    isTransactional: true,
  }
}

const table = fileOf('0000_a', 'CREATE TABLE "a" ();')
const fingerprint = makeFingerprint([table], ['table public.a'])

describe('isStale', () => {
  it('stays fresh when a header is written above the SQL', () => {
    const headed = fileOf('0000_a', '-- Why: a table.\n/* Lock: none. */\nCREATE TABLE "a" ();\n')

    expect(isStale(fingerprint, [headed])).toBe(false)
  })

  it.each([
    ['another statement', [fileOf('0000_a', 'CREATE TABLE "b" ();')]],
    ['one file more', [table, fileOf('0001_b', 'CREATE TABLE "b" ();')]],
    ['one file less', []],
  ])('goes stale with %s', (_, files) => {
    expect(isStale(fingerprint, files)).toBe(true)
  })
})
