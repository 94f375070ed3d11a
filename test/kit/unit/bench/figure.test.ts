import { expect, it } from 'vitest'
import { isWithin, renderFigures, type Figure } from '../../storm/figure.ts'

function figure(fields: Partial<Figure>): Figure {
  return { name: 'p99', value: 50, unit: 'ms', ...fields }
}

it.each([
  ['at its upper limit', { atMost: 50 }, true],
  ['above its upper limit', { atMost: 49.9 }, false],
  ['at its lower limit', { atLeast: 50 }, true],
  ['below its lower limit', { atLeast: 50.1 }, false],
  ['without a limit', {}, true],
  ['that was not measured', { value: Number.NaN, atMost: 50 }, false],
  ['without end', { value: Number.POSITIVE_INFINITY, atLeast: 1 }, false],
  ['of which there may be none', { value: 1, atMost: 0 }, false],
] as const)('a figure %s is judged', (_what, fields, within) => {
  expect(isWithin(figure(fields))).toBe(within)
})

it('the table names what is beyond its limit', () => {
  const table = renderFigures('overload', [
    figure({ atMost: 49 }),
    figure({ name: 'rate', value: 1234.6, unit: '/s' }),
    figure({ name: 'time-outs', value: 0, unit: '', atMost: 0 }),
  ])

  expect(table).toBe(
    [
      'overload',
      '  p99        50.0 ms  at most 49.0 ms  BEYOND',
      '  rate        1235/s',
      '  time-outs        0  none             within',
    ].join('\n'),
  )
})
