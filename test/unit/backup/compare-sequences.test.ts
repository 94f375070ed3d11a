import { describe, expect, it } from 'vitest'
import { sequenceDifferences } from '../../../src/backup/restore/compare-sequences.ts'

const sequence = (lastValue: string, isCalled = true) => ({
  schema: 'public',
  name: 's',
  lastValue,
  isCalled,
})
const none: ReadonlySet<string> = new Set()
const falling: ReadonlySet<string> = new Set(['public.s'])

describe('sequences after a restore', () => {
  it.each([
    ['where they were', sequence('4'), sequence('4'), none],
    ['further on, because the dump came later', sequence('4'), sequence('9'), none],
    ['further down, when they fall', sequence('-4'), sequence('-9'), falling],
    ['called meanwhile', sequence('1', false), sequence('1', true), none],
    ['beyond what a number holds', sequence('9223372036854775807'), sequence('9223372036854775807'), none],
  ])('may stand %s', (_what, expected, found, down) => {
    expect(sequenceDifferences([expected], [found], down)).toEqual([])
  })

  it.each([
    ['behind', sequence('4'), sequence('3'), none, 'public.s stands at 3 instead of 4'],
    [
      'behind on the way down',
      sequence('-4'),
      sequence('-3'),
      falling,
      'public.s stands at -3 instead of -4',
    ],
    [
      'as if never called',
      sequence('1', true),
      sequence('1', false),
      none,
      'public.s stands at 1 instead of 1',
    ],
    [
      'one behind at the end of all numbers',
      sequence('9223372036854775807'),
      sequence('9223372036854775806'),
      none,
      'public.s stands at 9223372036854775806 instead of 9223372036854775807',
    ],
  ])('may not stand %s', (_what, expected, found, down, line) => {
    expect(sequenceDifferences([expected], [found], down)).toEqual([line])
  })

  it('may not be missing', () => {
    expect(sequenceDifferences([sequence('4')], [], none)).toEqual([
      'public.s stands at nothing instead of 4',
    ])
  })
})
