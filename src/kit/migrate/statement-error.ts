/** A statement of a file that the server refused; `cause` is the driver's error. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
  /** From 1, as the breakpoints count; one more than the last for the row in the journal and COMMIT. */
  readonly statement: number

  constructor(statement: number, cause: unknown) {
    super('a statement failed', { cause })
    this.statement = statement
  }
}
