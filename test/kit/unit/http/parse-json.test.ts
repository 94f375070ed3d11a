import { describe, expect, test } from 'vitest'
import { DetailedError } from '../../../../src/kit/http/rest/detailed-error.ts'
import { parseJson } from '../../../../src/kit/http/rest/parse-json.ts'

function failureOf(text: string): unknown {
  try {
    parseJson(text)
  } catch (err) {
    return err
  }
  throw new Error('nothing was refused')
}

describe('JSON body', () => {
  test('every ordinary value passes unchanged', () => {
    const text = String.raw`{"a":["Kyōto 🍁","\ud83c\udf41","%00 and \\u0000 are only text",null,1.5e3,true]}`

    expect(parseJson(text)).toEqual({
      a: ['Kyōto 🍁', '🍁', String.raw`%00 and \u0000 are only text`, null, 1500, true],
    })
  })

  test.each([
    [''],
    ['{'],
    ['{"a":1,}'],
    ["{'a':1}"],
    ['{"a":\u0000}'],
    ['undefined'],
    ['{"a":1}{"b":2}'],
    ['\ufeff1'],
  ])('what is no JSON is refused without quoting it: %j', (text) => {
    const failure = failureOf(text)

    expect(failure).toMatchObject({
      kind: 'invalid_request',
      publicMessage: 'request body is not valid JSON',
    })
    expect(failure).not.toHaveProperty('cause')
  })

  test.each([
    [String.raw`"\u0000"`, 'body'],
    [String.raw`{"a":{"b c":["x","\u0000"]}}`, 'body.a.b c[1]'],
    [String.raw`{"half":"\ud83c"}`, 'body.half'],
    [String.raw`{"half":"\udf41\ud83c"}`, 'body.half'],
    [String.raw`{"a":{"key\u0000":1}}`, 'body.a'],
  ])('text that PostgreSQL cannot store is refused by its place: %s', (text, path) => {
    const failure = failureOf(text)

    expect(failure).toBeInstanceOf(DetailedError)
    expect((failure as DetailedError).details.errors?.[0]?.path).toBe(path)
  })

  test('a body nested deeper than the call stack neither passes for a fault nor ends as one', () => {
    const deep = '['.repeat(100_000) + String.raw`"\u0001 \ud83c\udf41"` + ']'.repeat(100_000)

    expect(() => parseJson(deep)).not.toThrow()
  })
})
