import { AppError, type ErrorKind } from '../../errors.ts'

/** Additional public members of a problem. */
interface ProblemDetails {
  /** Machine-readable state that the status code does not name. */
  reason?: string
  errors?: readonly FieldError[]
}

interface FieldError {
  /** Location of the fault: `body.days[2].title`, `query.limit`, `header.idempotency-key`. */
  path: string
  message: string
}

/** AppError whose problem carries additional members. */
export class DetailedError extends AppError {
  readonly details: ProblemDetails

  constructor(
    kind: ErrorKind,
    publicMessage: string,
    details: ProblemDetails,
    options: ConstructorParameters<typeof AppError>[2] = {},
  ) {
    super(kind, publicMessage, options)
    this.details = details
  }
}
