import { AppError } from '../errors.ts'
import { errorChain, isUnavailable, pgError, type PgErrorFacts } from '../postgres/pg-error.ts'

/** Failover: the server that answers now is a standby. */
const readOnlyState = '25006'

/** Heap full: reads go on, and every write fails until somebody makes room. */
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
 * What went wrong in the database, as something that may be shown: classes 08, 40, 53 and 57 pass by themselves, 22 and
 * 23 are what the request said. Everything else is a fault of ours and stays unexplained.
 */
export function explainDatabaseError(cause: unknown): AppError | undefined {
  for (const each of errorChain(cause)) if (each instanceof AppError) return each
  const facts = pgError(cause)
  if (isUnavailable(cause) || facts?.sqlState === readOnlyState) {
    return unavailable(facts?.sqlState, cause)
  }
  return facts === undefined ? undefined : refusal(facts, cause)
}
