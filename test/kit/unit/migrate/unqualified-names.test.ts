import { describe, expect, it } from 'vitest'
import { unqualifiedNames } from '../../../../src/kit/migrate/unqualified-names.ts'

const own = {
  functions: new Set(['tidy', 'Odd']),
  relations: new Set(['limits', 'words']),
  types: new Set(['mood', 'limits']),
}

describe('a name without its schema', () => {
  it.each([
    ['return tidy(t);', ['tidy']],
    ['return "Odd" (t);', ['Odd']],
    ['perform 1 from limits where most > n;', ['limits']],
    ['select 1 from public.words join limits l on true;', ['limits']],
    ['select exists (select from only limits);', ['limits']],
    ['insert into words (w) values (1);', ['words']],
    ['update words set w = 1; delete from limits;', ['words', 'limits']],
    [`return 'sad'::mood;`, ['mood']],
    ['return cast(t as mood);', ['mood']],
    [`execute format('select from limits where %I', c); return 'x from words';`, ['limits']],
    [`execute 'select 1'; execute $q$select tidy('a')$q$;`, ['tidy']],
    ['with other as (select 1) select from other, public.words join limits on true;', ['limits']],
  ])('%s › is found', (body, names) => {
    expect(unqualifiedNames(body, own)).toEqual(names)
  })

  it.each([
    'return public.tidy(t);',
    'return lower(t) || tidy;',
    `-- tidy(t)\nraise exception 'nothing from limits: tidy(t)';`,
    'select limits.most from public.limits;',
    'select count(*) as mood, mood from public.words;',
    'with limits as (select 1 as n) select n from limits;',
    'with recursive words (n) as (select 1) select n from words;',
    'select x from public.words as tidy(x);',
    'return a is distinct from limits;',
    `return 'sad'::public.mood;`,
    'insert into public.limits (words) values (1) on conflict do update set words = 2;',
  ])('%s › is no alarm', (body) => {
    expect(unqualifiedNames(body, own)).toEqual([])
  })
})
