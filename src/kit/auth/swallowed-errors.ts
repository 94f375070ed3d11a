import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Collects, per request, the errors that Better Auth passes to its logger. Better Auth answers 401, 422 or 500 when
 * the database is away, and only its logger receives the reason.
 */
export class SwallowedErrors {
  readonly #current = new AsyncLocalStorage<Error[]>()

  async during<T>(work: () => Promise<T>): Promise<{ result: T; errors: Error[] }> {
    const errors: Error[] = []
    return { result: await this.#current.run(errors, work), errors }
  }

  /** Adds the error to the current request; returns false when no request is running. */
  add(error: Error): boolean {
    return (this.#current.getStore()?.push(error) ?? 0) > 0
  }
}
