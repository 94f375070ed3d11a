import { AppError, type ErrorKind } from '../errors.ts'
import type { ExitName } from './exit-codes.ts'

interface MigrateErrorOptions {
  hint?: string
  cause?: unknown
  fields?: Record<string, unknown>
}

const kindOf = (exit: ExitName): ErrorKind =>
  exit === 'unreachable' || exit.startsWith('lock_') ? 'unavailable' : 'internal'

/** A run that ended on purpose: `exit` names the code of the process, `fields` go into the event and hold names only. */
export class MigrateError extends AppError {
  readonly exit: ExitName

  constructor(exit: ExitName, publicMessage: string, options: MigrateErrorOptions = {}) {
    super(kindOf(exit), publicMessage, options)
    this.exit = exit
  }
}
