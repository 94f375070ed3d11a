import { AppError } from '../../errors.ts'

/** The same answer for what never existed and for what belongs to somebody else: neither can be told from outside. */
export function notFound(what: string): AppError {
  return new AppError('not_found', `there is no such ${what}`)
}

export function staleVersion(what: string): AppError {
  return new AppError('precondition_failed', `the ${what} changed since the version you named`, {
    hint: 'read it again, apply your change to what you find and send the new version',
  })
}
