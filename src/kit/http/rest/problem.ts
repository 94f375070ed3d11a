import { STATUS_CODES } from 'node:http'
import type { AppError, ErrorKind } from '../../errors.ts'
import { DetailedError } from './detailed-error.ts'

interface Answer {
  status: number
  title: string
}

/**
 * The only table of status codes. `title` is the phrase of the status code, as RFC 9457 requires for `about:blank`.
 */
export const answers = {
  invalid_request: { status: 400, title: 'Bad Request' },
  unauthenticated: { status: 401, title: 'Unauthorized' },
  forbidden: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not Found' },
  method_not_allowed: { status: 405, title: 'Method Not Allowed' },
  timeout: { status: 408, title: 'Request Timeout' },
  conflict: { status: 409, title: 'Conflict' },
  precondition_failed: { status: 412, title: 'Precondition Failed' },
  payload_too_large: { status: 413, title: 'Content Too Large' },
  unsupported_media_type: { status: 415, title: 'Unsupported Media Type' },
  unprocessable: { status: 422, title: 'Unprocessable Content' },
  precondition_required: { status: 428, title: 'Precondition Required' },
  rate_limited: { status: 429, title: 'Too Many Requests' },
  headers_too_large: { status: 431, title: 'Request Header Fields Too Large' },
  internal: { status: 500, title: 'Internal Server Error' },
  unavailable: { status: 503, title: 'Service Unavailable' },
} as const satisfies Record<ErrorKind, Answer>

export const problemType = 'application/problem+json' as const

/** Builds the RFC 9457 body with `code` and `request_id`, from the public fields of the error only. */
export function problemBody(error: AppError, requestId: string) {
  const { status, title } = answers[error.kind]
  return {
    type: 'about:blank',
    title,
    status,
    detail: error.publicMessage,
    code: error.kind,
    request_id: requestId,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error instanceof DetailedError ? error.details : {}),
  }
}

/** Seconds, random, so that clients do not all return at the same moment. */
export function retryAfter(): string {
  return String(1 + Math.floor(Math.random() * 3))
}

/** Builds the problem response of an error. */
export function problemResponse(error: AppError, requestId: string, headers: Record<string, string> = {}) {
  const answer: Answer = answers[error.kind]
  return new Response(JSON.stringify(problemBody(error, requestId)), {
    status: answer.status,
    headers: {
      'content-type': problemType,
      'cache-control': 'no-store',
      ...(error.kind === 'unavailable' ? { 'retry-after': retryAfter() } : {}),
      ...headers,
    },
  })
}

interface ForeignRefusal {
  status: number
  headers: Headers
  /** `message` and `code`, when present, become `detail` and `code` of the problem. */
  members: Record<string, unknown>
}

/** Converts a library's refusal, with its own status and message, into a problem response. */
export function adoptedProblem({ status, headers, members }: ForeignRefusal, requestId: string): Response {
  const [kind, { title }] = Object.entries(answers).find(([, answer]) => answer.status === status) ?? [
    'invalid_request',
    { title: STATUS_CODES[status] ?? 'Refused' },
  ]
  const detail = typeof members['message'] === 'string' ? members['message'] : title
  const problem = { type: 'about:blank', title, status, detail, request_id: requestId }
  headers.set('content-type', problemType)
  headers.delete('content-length')
  return new Response(JSON.stringify({ code: kind, ...members, ...problem }), { status, headers })
}
