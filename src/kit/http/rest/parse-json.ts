import { AppError } from '../../errors.ts'
import { DetailedError } from './detailed-error.ts'

/**
 * A parsed body without what PostgreSQL cannot store, wherever it hides: U+0000 and lone surrogates would come back from
 * the server as an error (22021, 22P05) and look like a fault of ours.
 */
export function parseJson(text: string): unknown {
  const value = parse(text)
  // Only an escape can bring either into a string: JSON forbids the bare control character, UTF-8 the bare surrogate.
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

/** With a stack of its own: a body may be nested deeper than the engine's call stack. */
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
