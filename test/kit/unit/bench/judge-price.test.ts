import { expect, it } from 'vitest'
import { judgePrice } from '../../../../bench/guard/judge-price.ts'

const price = { pairs: 100, perCore: 0.97, throughput: 0.96, undisturbedPairs: 60, throughputOfAll: 0.93 }

it('is within when processor time and clock both are', () => {
  expect(judgePrice(price).isWithin).toBe(true)
})

it.each([
  ['processor time', { perCore: 0.949 }],
  ['clock', { throughput: 0.949 }],
  ['processor time on a busy machine', { perCore: 0.949, undisturbedPairs: 3 }],
  ['processor time that could not be read', { perCore: Number.NaN }],
])('is below when the %s is', (_what, worse) => {
  expect(judgePrice({ ...price, ...worse }).isWithin).toBe(false)
})

it('says that the clock was not judged where too few pairs were left alone', () => {
  const { isWithin, lines } = judgePrice({ ...price, throughput: 0.5, undisturbedPairs: 19 })

  expect(isWithin).toBe(true)
  expect(lines.join('\n')).toContain(
    'throughput: 0.930 (median of all 100 pairs; not judged, something else had the processor in all but 19)',
  )
})
