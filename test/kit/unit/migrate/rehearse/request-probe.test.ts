import { describe, expect, test } from 'vitest'
import { objectToAnswers } from '../../../../../src/kit/migrate/rehearse/request-probe.ts'

const requests = ['POST /sign-up', 'POST /sign-up again', 'GET /items']
function answers(...statuses: number[]) {
  return statuses.map((status, index) => ({ request: requests[index] ?? '', status }))
}

function judge(before: number[], after: number[]) {
  const { drafts, skipped } = objectToAnswers(answers(...before), answers(...after))
  return { refused: drafts.map(({ sentence }) => sentence), skipped }
}

describe('rehearsal of requests', () => {
  test('refuses another status, also a success where a refusal was', () => {
    expect(judge([200, 422, 200], [200, 200, 500]).refused).toEqual([
      'POST /sign-up again answers 200, and 422 before the file',
      'GET /items answers 500, and 200 before the file',
    ])
  })

  test('lets code that needs the file begin to work, with what follows from it', () => {
    expect(judge([500, 500, 401], [200, 422, 200])).toEqual({
      refused: [],
      skipped: [
        'POST /sign-up: answers 500 without the migration',
        'POST /sign-up again: answers 500 without the migration',
      ],
    })
  })

  test('refuses a request that fails after another one failed before the file', () => {
    expect(judge([500, 422, 200], [500, 500, 401]).refused).toEqual([
      'POST /sign-up again answers 500, and 422 before the file',
      'GET /items answers 401, and 200 before the file',
    ])
  })
})
