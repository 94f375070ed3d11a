import { expect, it } from 'vitest'
import { comparableLine } from '../../../../../src/kit/backup/upgrade/comparable-line.ts'

const digest = 'd41d8cd98f00b204e9800998ecf8427e'

it.each([
  [`view public.short as ${digest}`, 'view public.short'],
  [
    `materialized view public.seen with fillfactor=70 as ${digest}`,
    'materialized view public.seen with fillfactor=70',
  ],
  ["column public.t.a text not null default 'x'::text", 'column public.t.a text not null'],
  ['constraint public.t positive CHECK ((id > 0))', 'constraint public.t positive'],
  ['constraint public.t t_pkey PRIMARY KEY (id)', 'constraint public.t t_pkey PRIMARY KEY (id)'],
  [
    'index CREATE UNIQUE INDEX u ON public.t USING btree (lower(a)) WHERE (id > 0)',
    'index CREATE UNIQUE INDEX u ON public.t',
  ],
  [`function touch() ${digest}`, 'function touch()'],
  ['policy public.t mine r true using (a = 1) check (b)', 'policy public.t mine r true'],
  ['table public.t row security forced', 'table public.t row security forced'],
  ["type public.mood 'sad','view as'", "type public.mood 'sad','view as'"],
])('%s › is compared as far as every major writes it alike', (line, comparable) => {
  expect(comparableLine(line)).toBe(comparable)
})
