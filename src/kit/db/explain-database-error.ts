import { AppError } from '../errors.ts'
import { errorChain, isUnavailable, pgError, type PgErrorFacts } from '../postgres/pg-error.ts'

/** After a failover the connected server may be a standby. */
const readOnlyState = '25006'

/** Disk full: reads still work, and every write fails until space is freed. */
const diskFullState = '53100'

function unavailable(sqlState: string | undefined, cause: unknown): AppError {
  return new AppError('unavailable', 'the database does not answer', {
    hint: 'try again shortly',
    cause,
    needsPerson: sqlState === diskFullState,
  })
}

function refusalOf(state: string): AppError['kind'] | undefined {
  if (state.startsWith('22')) return 'invalid_request'
  if (state === '23505' || state === '23P01') return 'conflict'
  if (state.startsWith('23')) return 'unprocessable'
  return undefined
}

const sentences = {
  invalid_request: 'a value in the request cannot be stored',
  conflict: 'this exists already',
  unprocessable: 'the request contradicts what is stored',
} as const

function refusal({ sqlState, constraint }: PgErrorFacts, cause: unknown): AppError | undefined {
  const kind = refusalOf(sqlState) as keyof typeof sentences | undefined
  if (kind === undefined) return undefined
  return new AppError(kind, sentences[kind], { cause, fields: { sql_state: sqlState, constraint } })
}

/**
 * Translates a database error into an AppError: classes 08, 40, 53 and 57 are transient, 22 and 23 are faults of the
 * request. Returns undefined for every other error, which is a fault of the application.
 */
export function explainDatabaseError(cause: unknown): AppError | undefined {
  for (const each of errorChain(cause)) if (each instanceof AppError) return each
  const facts = pgError(cause)
  if (isUnavailable(cause) || facts?.sqlState === readOnlyState) {
    return unavailable(facts?.sqlState, cause)
  }
  return facts === undefined ? undefined : refusal(facts, cause)
}
