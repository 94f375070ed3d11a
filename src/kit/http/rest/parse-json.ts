import { AppError } from '../../errors.ts'
import { DetailedError } from './detailed-error.ts'

/**
 * Parses JSON and refuses strings that PostgreSQL cannot store: U+0000 and lone surrogates. The server would answer
 * them with 22021 or 22P05, and the client with a 500. Throws `invalid_request`.
 */
export function parseJson(text: string): unknown {
  const value = parse(text)
  // Only an escape can produce either: JSON forbids the raw control character, UTF-8 the raw surrogate.
  if (/\\u(?:0000|d[89a-f])/i.test(text)) refuseUnstorable(value)
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // The parser's error is dropped on purpose: its message quotes the body, and a body may hold a password.
    throw new AppError('invalid_request', 'request body is not valid JSON', {
      hint: 'send one JSON value in UTF-8',
    })
  }
}

interface Step {
  value: unknown
  path: string
}

/** Uses an explicit stack: a body may be nested deeper than the engine's call stack. */
function refuseUnstorable(body: unknown): void {
  const steps: Step[] = [{ value: body, path: 'body' }]
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { value, path } = step
    if (typeof value === 'string') refuseText(value, path)
    if (typeof value !== 'object' || value === null) continue
    for (const [key, each] of Object.entries(value)) {
      refuseText(key, path)
      steps.push({ value: each, path: Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}` })
    }
  }
}

function refuseText(text: string, path: string): void {
  if (!text.includes('\0') && text.isWellFormed()) return
  const message = 'must not contain U+0000 or half of a surrogate pair'
  throw new DetailedError('invalid_request', 'request body is not valid', {
    errors: [{ path: path.slice(0, 200), message }],
  })
}
