import { writeSync } from 'node:fs'
import { ConfigError } from '../../config/config-error.ts'
import { AppError } from '../../errors.ts'
import { loggedError } from '../../telemetry/scrub.ts'

/** Returns the stack only for an unexpected error; every other error has a sentence and a hint. */
function sentenceOf(err: unknown): string {
  if (err instanceof ConfigError) return err.message
  if (err instanceof AppError) {
    return err.hint === undefined ? err.publicMessage : `${err.publicMessage}\nhint: ${err.hint}`
  }
  const { message, stack } = loggedError(err)
  return stack === undefined ? message : `${message}\n${stack}`
}

/** Prints why a process cannot go on, in full before it ends, and returns its exit code: 2 for configuration, else 1. */
export function reportFailure(err: unknown): 1 | 2 {
  writeSync(2, `error: ${sentenceOf(err)}\n`)
  return err instanceof ConfigError ? 2 : 1
}
