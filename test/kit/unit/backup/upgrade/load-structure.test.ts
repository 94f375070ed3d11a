import { expect, it } from 'vitest'
import { withoutOwnOptions } from '../../../../../src/kit/backup/upgrade/load-structure.ts'

const column = 'ALTER TABLE ONLY public.t ALTER COLUMN a'

it.each([
  [`${column} SET (pg_attver=22116832);`, `${column} RESET (pg_attver);`],
  [`${column} SET (pg_attver=22116832, n_distinct=5);`, `${column} SET (n_distinct=5);`],
  [`${column} SET (n_distinct=5, pg_attver=1);`, `${column} SET (n_distinct=5);`],
  [
    `${column} SET (n_distinct=5, pg_attver=1, n_distinct_inherited=-1);`,
    `${column} SET (n_distinct=5, n_distinct_inherited=-1);`,
  ],
  [
    'ALTER FOREIGN TABLE ONLY public." SET (""x" ALTER COLUMN a SET (pg_attver=1);',
    'ALTER FOREIGN TABLE ONLY public." SET (""x" ALTER COLUMN a RESET (pg_attver);',
  ],
  [`rest of a name" ALTER COLUMN a SET (pg_attver=1);`, `rest of a name" ALTER COLUMN a RESET (pg_attver);`],
])('%s › loses the option that is the old server’s own', (line, kept) => {
  expect(withoutOwnOptions(line)).toBe(kept)
})

it.each([
  `${column} SET (n_distinct=5);`,
  'CREATE TABLE public.pg_attver (',
  '    pg_attver=1',
  'ALTER TABLE ONLY public.pg_attver ALTER COLUMN pg_attver SET (n_distinct=5);',
])('%s › stays as it is', (line) => {
  expect(withoutOwnOptions(line)).toBe(line)
})
