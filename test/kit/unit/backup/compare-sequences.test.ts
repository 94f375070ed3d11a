import { describe, expect, it } from 'vitest'
import { sequenceDifferences } from '../../../../src/kit/backup/portable/compare-sequences.ts'

function at(lastValue: string, isCalled = true, name = 'orders_id_seq') {
  return {
    schema: 'public',
    name,
    lastValue,
    isCalled,
  }
}
const ascending = new Set<string>()
const descending = new Set(['public.orders_id_seq'])

describe('sequences of a restored database', () => {
  it('may be where they were, or ahead', () => {
    expect(sequenceDifferences([at('5')], [at('5')], ascending)).toEqual([])
    expect(sequenceDifferences([at('5')], [at('6')], ascending)).toEqual([])
    expect(sequenceDifferences([at('1', false)], [at('1', true)], ascending)).toEqual([])
  })

  it('must not be behind, by one value either', () => {
    const line = 'sequence public.orders_id_seq is at 4 instead of 5'

    expect(sequenceDifferences([at('5')], [at('4')], ascending)).toEqual([line])
    expect(sequenceDifferences([at('1', true)], [at('1', false)], ascending)).toHaveLength(1)
  })

  it('are ahead below when they count down', () => {
    expect(sequenceDifferences([at('-5')], [at('-6')], descending)).toEqual([])
    expect(sequenceDifferences([at('-5')], [at('-4')], descending)).toHaveLength(1)
  })

  it('are told apart beyond what a double holds', () => {
    expect(
      sequenceDifferences([at('9223372036854775807')], [at('9223372036854775806')], ascending),
    ).toHaveLength(1)
  })

  it('must all be there, and no others', () => {
    expect(sequenceDifferences([at('5')], [at('5', true, 'other')], ascending)).toEqual([
      'sequence public.orders_id_seq is missing',
      'sequence public.other is not in the manifest',
    ])
  })
})
