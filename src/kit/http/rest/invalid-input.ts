import type { z } from 'zod'
import { DetailedError } from './detailed-error.ts'

/** Enough to repair a form. Limits the response to a body with a million unknown keys. */
const maxErrors = 20
const maxTextLength = 200

const partNames: Record<string, string> = { json: 'body', param: 'path' }

/** Turns a Zod error into a problem. `target` is the part of the request: `json`, `query`, `param` or `header`. */
export function invalidInput(target: string, error: z.core.$ZodError): DetailedError {
  const part = partNames[target] ?? target
  const errors = error.issues
    .slice(0, maxErrors)
    .map((issue) => ({ path: pathOf(part, issue.path), message: cut(issue.message) }))
  return new DetailedError('invalid_request', `request ${part} is not valid`, { errors })
}

function pathOf(part: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
  return cut(part + steps.join(''))
}

function cut(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text
}
