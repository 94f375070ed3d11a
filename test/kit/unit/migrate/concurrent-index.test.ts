import { describe, expect, it } from 'vitest'
import { isSameIndex, parseConcurrentIndex } from '../../../../src/kit/migrate/concurrent-index.ts'

function found(definition: string) {
  return { index: 'public.i', is_valid: true, definition }
}

describe('parseConcurrentIndex', () => {
  it.each([
    ['CREATE INDEX CONCURRENTLY "a b" ON "ships" USING btree ("name");', 'a b', '"ships"'],
    [
      'create unique index concurrently if not exists Ships_Name on only Public.Ships (name)',
      'ships_name',
      'Public.Ships',
    ],
    [
      '-- why\n/* more */ CREATE INDEX\n CONCURRENTLY "say ""hi""" ON "p q"."ships" (id)',
      'say "hi"',
      '"p q"."ships"',
    ],
  ])('reads name and table of %s', (statement, name, table) => {
    expect(parseConcurrentIndex(statement)).toEqual({ name, table })
  })

  it.each([
    'CREATE INDEX ships_name ON ships (name)',
    'DROP INDEX CONCURRENTLY ships_name',
    `SELECT 'create index concurrently a on b'`,
  ])('leaves %s alone', (statement) => {
    expect(parseConcurrentIndex(statement)).toBeUndefined()
  })
})

describe('isSameIndex', () => {
  const definition = 'CREATE INDEX ships_name ON public.ships USING btree (name, id)'

  it.each([
    'CREATE INDEX CONCURRENTLY "ships_name" ON "ships" USING btree ("name","id");',
    '-- why\ncreate index concurrently if not exists ships_name on public.ships (name ASC, id NULLS LAST)',
  ])('recognises %s', (statement) => {
    expect(isSameIndex(statement, found(definition))).toBe(true)
  })

  it.each([
    'CREATE INDEX CONCURRENTLY "ships_name" ON "ships" ("name");',
    'CREATE INDEX CONCURRENTLY "ships_name" ON "ships" ("Name","id");',
    'CREATE UNIQUE INDEX CONCURRENTLY "ships_name" ON "ships" ("name","id");',
    'CREATE INDEX CONCURRENTLY "ships_name" ON "ships" ("name","id") WHERE id > 1;',
  ])('tells %s apart', (statement) => {
    expect(isSameIndex(statement, found(definition))).toBe(false)
  })
})
