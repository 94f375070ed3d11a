import { AppError, type ErrorKind } from '../../errors.ts'

/** Members that a problem may have beyond those of every problem; all of them are public. */
interface ProblemDetails {
  /** A word for a state that the status code does not name. */
  reason?: string
  errors?: readonly FieldError[]
}

interface FieldError {
  /** Where the fault is: `body.days[2].title`, `query.limit`, `header.idempotency-key`. */
  path: string
  message: string
}

/** An error whose problem says more than a sentence. */
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
