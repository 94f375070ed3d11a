export interface PgErrorFacts {
  sqlState: string
  constraint?: string
  table?: string
}

/** Codes of the driver, of the kit's query guard and of the socket for an unreachable or lost server. */
const unavailableCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECTION_SILENT',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'QUERY_TIMEOUT',
  'POOL_EXHAUSTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/**
 * Classes and codes after which the same request may succeed soon: connection (08), missing database while a restore
 * renames it (3D000), transaction rolled back (40), insufficient resources (53), operator intervention (57P0x), lock
 * not available (55P03), statement cancelled (57014).
 */
const unavailableStates = /^(08...|3D000|40...|53...|57P0.|55P03|57014)$/

const sqlStatePattern = /^[0-9A-Z]{5}$/

/** Yields an error and its causes, outermost first. */
export const errorChain = function* (err: unknown): Generator<Record<string, unknown>> {
  let current = err
  // Limited to 8, because a cause may refer back to its own error.
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth += 1) {
    yield current as Record<string, unknown>
    current = (current as { cause?: unknown }).cause
  }
}

function codeOf(err: Record<string, unknown>): string | undefined {
  return typeof err['code'] === 'string' ? err['code'] : undefined
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function isServerError(err: Record<string, unknown>): boolean {
  return 'severity' in err && sqlStatePattern.test(codeOf(err) ?? '')
}

/**
 * Finds the error of PostgreSQL at any depth of causes. Returns names and codes only, because its messages quote
 * values.
 */
export function pgError(err: unknown): PgErrorFacts | undefined {
  for (const each of errorChain(err)) {
    if (!isServerError(each)) continue
    const constraint = nameOf(each['constraint_name'])
    const table = nameOf(each['table_name'])
    return {
      sqlState: codeOf(each) ?? '',
      ...(constraint === undefined ? {} : { constraint }),
      ...(table === undefined ? {} : { table }),
    }
  }
  return undefined
}

/** Returns true when the database was unreachable, overloaded or interrupted, so that a retry may succeed. */
export function isUnavailable(err: unknown): boolean {
  for (const each of errorChain(err)) {
    const code = codeOf(each) ?? ''
    if (unavailableCodes.has(code) || unavailableStates.test(code)) return true
    if (code === 'ENOENT' && each['syscall'] === 'connect') return true
  }
  return false
}

/** Returns the start-up parameter that a pooler such as PgBouncer refuses; a retry fails again. */
export function refusedParameter(err: unknown): string | undefined {
  const { code, message } = (err ?? {}) as { code?: unknown; message?: unknown }
  if (code !== '08P01' || typeof message !== 'string') return undefined
  return /unsupported startup parameter(?: in options)?: (\w+)/.exec(message)?.[1]
}
