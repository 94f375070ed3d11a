import { sweepExpired } from '../auth/sweep-expired.ts'
import type { Database } from '../db/open-database.ts'
import type { Logger } from '../telemetry/logger.ts'
import { sweepIdempotencyKeys } from '../db/sweep-idempotency-keys.ts'

const hourMs = 3_600_000

/**
 * Deletes what has expired (idempotency keys, sessions, verifications, rate-limit windows) once an hour. Every replica
 * does so; a second sweep finds nothing. Returns what ends it.
 */
export const sweepHourly = (db: Database, logger: Logger): (() => void) => {
  const sweep = async (): Promise<void> => {
    await sweepIdempotencyKeys(db)
    await sweepExpired(db)
  }
  const timer = setInterval(() => {
    sweep().catch((err: unknown) => logger.warn({ err }, 'expired rows could not be swept'))
  }, hourMs)
  timer.unref()
  return () => clearInterval(timer)
}
