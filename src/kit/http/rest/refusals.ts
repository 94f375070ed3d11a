import { AppError } from '../../errors.ts'

/** Creates the error for a missing row and for another user's row: a client must not be able to tell them apart. */
export function notFound(what: string): AppError {
  return new AppError('not_found', `there is no such ${what}`)
}

/** Creates the error for a write whose `If-Match` names an old version. */
export function staleVersion(what: string): AppError {
  return new AppError('precondition_failed', `the ${what} changed since the version you named`, {
    hint: 'read it again, apply your change to what you find and send the new version',
  })
}
