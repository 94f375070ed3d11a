import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Better Auth answers 401, 422 or 500 in places where the database was away, and only its logger hears the reason.
 * This collects, per request, the errors that its logger was handed.
 */
export class SwallowedErrors {
  readonly #current = new AsyncLocalStorage<Error[]>()

  async during<T>(work: () => Promise<T>): Promise<{ result: T; errors: Error[] }> {
    const errors: Error[] = []
    return { result: await this.#current.run(errors, work), errors }
  }

  /** Whether a request of ours was under way to take it. */
  add(error: Error): boolean {
    return (this.#current.getStore()?.push(error) ?? 0) > 0
  }
}
