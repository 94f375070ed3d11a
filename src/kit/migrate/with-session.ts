import { tellAbort } from './cancel-on-abort.ts'
import { explainDriverError } from './explain-failure.ts'
import type { Session, SessionSettings } from './open-session.ts'
import type { RunLimits, RunSettings } from './run-settings.ts'
import { waitForDatabase } from './wait-for-database.ts'

/** Picks the settings of one session from those of a run. */
export function sessionSettings(settings: RunLimits & Pick<RunSettings, 'url' | 'ca'>): SessionSettings {
  const { url, ca, connectTimeoutMs, lockTimeoutMs, statementTimeoutMs } = settings
  const applicationName = 'slipway-migrate'
  return { url, ca, applicationName, connectTimeoutMs, lockTimeoutMs, statementTimeoutMs }
}

/** Waits for the database, runs the work in one session and closes it. Throws CommandError for every driver error. */
export async function withSession<T>(
  settings: RunSettings,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    const session = await waitForDatabase(sessionSettings(settings), {
      waitMs: settings.connectWaitMs,
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
