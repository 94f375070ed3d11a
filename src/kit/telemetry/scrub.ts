/**
 * Matches user:password@ of a URL, up to the last @ in case the password holds one. Bounded, so that matching stays
 * linear.
 */
const urlPassword = /([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]{0,200}):\S{0,2000}@/gi

/** Drizzle appends the statement and its parameters; PostgreSQL quotes values in `Key (...)=(...)` and the like. */
const drizzleTail = /^Failed query:[\s\S]*$/

export function scrubText(text: string): string {
  return text.replace(urlPassword, '$1:[redacted]@')
}

export interface LoggedError {
  type: string
  message: string
  code?: string
  stack?: string
  constraint?: string
  table?: string
  cause?: LoggedError
  [field: string]: unknown
}

const deepest = 6

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Returns the code and names of a server error instead of its message, which quotes values of the row. */
function messageOf(err: Error & Record<string, unknown>): string {
  if ('severity' in err) return `postgres reported ${textOf(err['code']) ?? 'an error'}`
  if (drizzleTail.test(err.message)) return 'failed query'
  return scrubText(err.message)
}

/** Returns the frames only: the first lines of a stack repeat the message. */
function framesOf(stack: string | undefined): string | undefined {
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return frames === undefined || frames.length === 0 ? undefined : scrubText(frames.join('\n'))
}

function causeOf(err: Error, depth: number): LoggedError | undefined {
  return err.cause === undefined || depth >= deepest ? undefined : loggedError(err.cause, depth + 1)
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/**
 * Converts an error for the log: kind, scrubbed message, codes, names, frames. Never SQL, parameters or passwords.
 */
export function loggedError(thrown: unknown, depth = 0): LoggedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: scrubText(String(thrown)) }
  const err = thrown as Error & Record<string, unknown>
  return {
    type: err.constructor.name,
    message: messageOf(err),
    ...present({
      code: textOf(err['code']),
      kind: textOf(err['kind']),
      hint: 'severity' in err ? undefined : textOf(err['hint']),
      constraint: textOf(err['constraint_name']),
      table: textOf(err['table_name']),
      stack: framesOf(err.stack),
      cause: causeOf(err, depth),
    }),
  }
}
