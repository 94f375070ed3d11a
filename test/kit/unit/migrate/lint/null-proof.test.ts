import { describe, expect, test } from 'vitest'
import { lintSql } from '../../../../../src/kit/migrate/lint/lint-sql.ts'

function rulesOfLast(...files: string[]) {
  let result = lintSql('')
  for (const sql of files) result = lintSql(sql, [], result.nullProofs)
  return result.found.map(({ rule }) => rule)
}

const add = 'ALTER TABLE "parcels" ADD CONSTRAINT "n" CHECK (("parcels"."notes" IS NOT NULL)) NOT VALID;'
const validate = 'ALTER TABLE public.parcels VALIDATE CONSTRAINT n;'
const finish = 'ALTER TABLE parcels ALTER notes SET NOT NULL, DROP CONSTRAINT n;'

describe('SET NOT NULL', () => {
  test('passes once an earlier file has validated the check', () => {
    expect(rulesOfLast(add, validate, finish)).toEqual([])
    expect(rulesOfLast(add, `${validate}\n${finish}`)).toEqual([])
  })

  test('is refused while the check is not validated', () => {
    expect(rulesOfLast(add, finish)).toEqual(['set-not-null'])
  })

  test('is refused when the check is about another column, another table or more than that', () => {
    const other = add.replace('"notes"', '"title"')
    const wider = add.replace('IS NOT NULL', 'IS NOT NULL OR version = 1')
    const elsewhere = [add.replace('"parcels"', '"letters"'), validate.replace('parcels', 'letters')] as const

    expect(rulesOfLast(other, validate, finish)).toEqual(['set-not-null'])
    expect(rulesOfLast(wider, validate, finish)).toEqual(['set-not-null'])
    expect(rulesOfLast(...elsewhere, finish)).toEqual(['set-not-null'])
  })

  test('is refused when the check has been dropped before', () => {
    const dropped = 'ALTER TABLE parcels DROP CONSTRAINT n;'

    expect(rulesOfLast(add, validate, dropped, finish)).toEqual(['set-not-null'])
  })
})
