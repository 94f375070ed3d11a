import { HTTPException } from 'hono/http-exception'
import { AppError, type ErrorKind } from '../../errors.ts'
import type { AppDeps } from '../app-deps.ts'

/** Statuses of the HTTPExceptions that Hono throws while it reads a request. */
const exceptionKinds: Record<number, ErrorKind> = {
  400: 'invalid_request',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
}

/**
 * Converts any thrown value into an AppError. An unexpected error becomes `internal` and shows nothing of its cause.
 */
export function toAppError(err: unknown, explainError: AppDeps['explainError']): AppError {
  if (err instanceof AppError) return err
  const kind = err instanceof HTTPException ? exceptionKinds[err.status] : undefined
  if (kind !== undefined) return new AppError(kind, 'request could not be read', { cause: err })
  return (
    explainError(err) ??
    new AppError('internal', 'something went wrong on our side', {
      hint: 'try again; if it stays, report the request_id',
      cause: err,
    })
  )
}
