import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { AppError, errorKinds } from '../../../../src/kit/errors.ts'
import { invalidInput } from '../../../../src/kit/http/rest/invalid-input.ts'
import { answers, problemBody, problemResponse } from '../../../../src/kit/http/rest/problem.ts'
import { toAppError } from '../../../../src/kit/http/routes/to-app-error.ts'

describe('problem', () => {
  test('it is made of the public half of an error alone', () => {
    const error = new AppError('conflict', 'somebody was faster', {
      hint: 'try again',
      cause: new Error('secret cause'),
      fields: { secret_field: 1 },
    })

    expect(problemBody(error, 'req-1')).toEqual({
      type: 'about:blank',
      title: 'Conflict',
      status: 409,
      detail: 'somebody was faster',
      code: 'conflict',
      request_id: 'req-1',
      hint: 'try again',
    })
  })

  test('every kind of error has a status of its own', () => {
    const statuses = errorKinds.map((kind) => answers[kind].status)

    expect(new Set(statuses).size).toBe(errorKinds.length)
    expect(statuses.every((status) => status >= 400 && status < 600)).toBe(true)
  })

  test('a refusal that passes by itself says when to come back', () => {
    const response = problemResponse(new AppError('unavailable', 'away'), 'req-1')

    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toMatch(/^[123]$/)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  test('an error nobody foresaw says nothing about itself', () => {
    const error = toAppError(new Error('password=hunter2 at 10.0.0.1'), () => undefined)

    expect(error.kind).toBe('internal')
    expect(JSON.stringify(problemBody(error, 'req-1'))).not.toMatch(/hunter2|10\.0\.0\.1/)
  })

  test("a driver's error is explained by whoever knows the driver", () => {
    const away = new AppError('unavailable', 'the database does not answer')

    expect(toAppError(new Error('ECONNREFUSED'), () => away)).toBe(away)
  })

  test('a fault is named by its place in the request', () => {
    const schema = z.strictObject({ days: z.array(z.strictObject({ title: z.string() })) })
    const result = schema.safeParse({ days: [{ title: 'ok' }, { title: 5 }] })

    expect(result.error && invalidInput('json', result.error).details.errors).toEqual([
      { path: 'body.days[1].title', message: 'Invalid input: expected string, received number' },
    ])
  })

  test('a flood of faults comes back as a trickle', () => {
    const unknown = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`unknown-${n}`, n]))
    const strict = z.strictObject({}).safeParse(unknown)
    const wrong = z.array(z.string()).safeParse(Array.from({ length: 5000 }, () => 1))

    for (const { error } of [strict, wrong]) {
      expect(error && JSON.stringify(invalidInput('json', error).details).length).toBeLessThan(3000)
    }
  })
})
