import { expect, it } from 'vitest'
import { toPage } from '../../../../src/kit/http/rest/page.ts'

const asText = { toItem: String, toCursor: (last: number) => `after ${last}` }

it.each([
  ['no rows', [], { items: [], nextCursor: null }],
  ['fewer rows than the limit', [1], { items: ['1'], nextCursor: null }],
  ['exactly as many', [1, 2], { items: ['1', '2'], nextCursor: null }],
  ['one more, which is cut and not shown', [1, 2, 3], { items: ['1', '2'], nextCursor: 'after 2' }],
])('a page of two from %s', (_case, rows, page) => {
  expect(toPage(rows, 2, asText)).toEqual(page)
})
