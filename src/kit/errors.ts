/** Error kinds of requests and commands, by their public name (`code` in a problem, `kind` in a log line). */
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

interface CommandErrorOptions {
  /** Next step for the reader; shown to clients and on terminals. */
  hint?: string
  cause?: unknown
  /** For the log only; never sent to a client. */
  fields?: Record<string, unknown>
}

interface AppErrorOptions extends CommandErrorOptions {
  /** The fault is not transient: a person must look, whatever the kind. */
  needsPerson?: boolean
}

/**
 * The error type for all expected failures. `publicMessage` is a lower-case sentence without a full stop that any
 * client may read; confidential details go into `fields` or `cause`, which only the log shows.
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

/** Exit codes for scripts. docs/reference/exit-codes.md has the same table, and a test compares the two. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  pending: 10,
  edited: 11,
  out_of_order: 12,
  other_history: 13,
  busy: 20,
  lock_budget_spent: 21,
  unreachable: 22,
  lock_lost: 23,
  drift: 30,
  unsafe_migration: 40,
  not_judged: 41,
  verification_failed: 50,
  no_space: 51,
  version_mismatch: 52,
  not_found: 53,
  refused: 54,
  key: 55,
  offsite: 56,
  drill_failed: 57,
  archive: 58,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitName = keyof typeof exitCodes

const passing: readonly ExitName[] = ['busy', 'lock_budget_spent', 'unreachable', 'lock_lost']

/**
 * The error that ends a command: `exit` names the exit code of the process. `fields` go into the event and the log, so
 * they hold names and numbers, never values of rows.
 */
export class CommandError extends AppError {
  readonly exit: ExitName

  constructor(exit: ExitName, sentence: string, options: CommandErrorOptions = {}) {
    super(passing.includes(exit) ? 'unavailable' : 'internal', sentence, options)
    this.exit = exit
  }
}

/** Returns the exit name of a command that ended with this error. */
export function exitOf(err: unknown): ExitName {
  return err instanceof CommandError ? err.exit : 'failed'
}
