import { expect, it } from 'vitest'
import { createRandom } from '../../drill/random.ts'

function ten(seed: number, name: string): number[] {
  const random = createRandom(seed, name)
  return Array.from({ length: 10 }, () => random.between(1, 1_000))
}

it('makes the same choices for the same seed and name, and others for others', () => {
  expect(ten(7, 'frozen 0')).toEqual(ten(7, 'frozen 0'))
  expect(ten(7, 'frozen 1')).not.toEqual(ten(7, 'frozen 0'))
  expect(ten(8, 'frozen 0')).not.toEqual(ten(7, 'frozen 0'))
})

it('reaches both ends and nothing beyond', () => {
  const random = createRandom(1, 'ends')
  const drawn = new Set(Array.from({ length: 1_000 }, () => random.between(3, 5)))

  expect([...drawn].sort((one, other) => one - other)).toEqual([3, 4, 5])
})
