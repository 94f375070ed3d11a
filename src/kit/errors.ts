/** Every way a request or a command can fail, by the name that leaves the process (`code` in a problem, `kind` in a log line). */
export const errorKinds = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'precondition_failed',
  'precondition_required',
  'payload_too_large',
  'headers_too_large',
  'unsupported_media_type',
  'unprocessable',
  'rate_limited',
  'unavailable',
  'timeout',
  'internal',
] as const

export type ErrorKind = (typeof errorKinds)[number]

interface AppErrorOptions {
  /** What the reader can do next; shown to clients and on terminals alike. */
  hint?: string
  cause?: unknown
  /** For the log only; never sent to a client. */
  fields?: Record<string, unknown>
  /** It does not pass by itself: a person must look, whatever the kind. */
  needsPerson?: boolean
}

/**
 * The one error that rooms throw on purpose. `publicMessage` is a lower-case sentence without a full stop and is safe
 * to show to anybody; whatever is not goes into `fields` or `cause`, which only the log sees.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly kind: ErrorKind
  readonly publicMessage: string
  readonly hint: string | undefined
  readonly fields: Record<string, unknown>
  readonly needsPerson: boolean

  constructor(kind: ErrorKind, publicMessage: string, options: AppErrorOptions = {}) {
    super(publicMessage, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.publicMessage = publicMessage
    this.hint = options.hint
    this.fields = options.fields ?? {}
    this.needsPerson = options.needsPerson ?? false
  }
}
