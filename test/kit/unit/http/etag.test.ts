import { describe, expect, test } from 'vitest'
import type { AppError } from '../../../../src/kit/errors.ts'
import { formatEtag, isUnchanged, requireVersion } from '../../../../src/kit/http/rest/etag.ts'

function kindOf(work: () => unknown): string {
  try {
    work()
  } catch (err) {
    return (err as AppError).kind
  }
  return 'none'
}

describe('entity tags', () => {
  test('a version makes a strong tag', () => {
    expect(formatEtag(3)).toBe('"3"')
  })

  test.each([['"3"'], [' "3" '], ['W/"3"'], ['"3-gzip"'], ['"3-zstd"'], ['W/"3-br"']])(
    'If-Match %s names version 3',
    (header) => {
      expect(requireVersion(header)).toBe(3)
    },
  )

  test('a missing If-Match is asked for', () => {
    expect(kindOf(() => requireVersion(undefined))).toBe('precondition_required')
  })

  test.each([
    ['*'],
    ['3'],
    ['""'],
    ['"abc"'],
    ['"-1"'],
    ['"3", "4"'],
    ['"3'],
    ['"99999999999"'],
    ['"3.5"'],
    [''],
  ])('If-Match %s is refused', (header) => {
    expect(kindOf(() => requireVersion(header))).toBe('invalid_request')
  })

  test.each([
    ['"3"', true],
    ['W/"3"', true],
    ['"3-gzip"', true],
    ['"2", "3"', true],
    ['*', true],
    ['"2"', false],
    ['nonsense', false],
    [undefined, false],
  ])('If-None-Match %s against version 3: unchanged is %s', (header, expected) => {
    expect(isUnchanged(header, 3)).toBe(expected)
  })
})
