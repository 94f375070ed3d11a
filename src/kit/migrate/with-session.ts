import { tellAbort } from './cancel-on-abort.ts'
import { explainDriverError } from './explain-failure.ts'
import type { Session, SessionSettings } from './open-session.ts'
import type { RunSettings } from './run-settings.ts'
import { waitForDatabase } from './wait-for-database.ts'

export const sessionSettings = (settings: RunSettings): SessionSettings => ({
  url: settings.url,
  ca: settings.ca,
  applicationName: 'slipway-migrate',
  connectTimeoutMs: 5_000,
  lockTimeoutMs: settings.lockTimeoutMs ?? 500,
  statementTimeoutMs: settings.statementTimeoutMs ?? 600_000,
})

/** Waits for the database, works in one session and closes it; whatever breaks leaves as a CommandError. */
export const withSession = async <T>(
  settings: RunSettings,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  try {
    const session = await waitForDatabase(sessionSettings(settings), {
      waitMs: settings.connectWaitMs ?? 60_000,
      report: settings.report ?? (() => undefined),
      signal: settings.signal,
    })
    try {
      return await work(session)
    } finally {
      await session.close()
    }
  } catch (err) {
    throw tellAbort(explainDriverError(err), settings.signal)
  }
}
