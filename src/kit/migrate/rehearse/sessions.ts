import type { SessionSettings } from '../open-session.ts'

export interface Urls {
  admin: string
  migrator: string
  app: string
}

export interface Sessions {
  /** Superuser: looks. */
  admin: SessionSettings
  /** Applies, as in production. */
  migrator: SessionSettings
  /** Works on the tables meanwhile. */
  app: SessionSettings
}

/** The timeouts of production: the runner's, and those that the API sets for itself. */
export function sessionsOf(urls: Urls): Sessions {
  const make = (
    url: string,
    applicationName: string,
    lockTimeoutMs: number,
    statementTimeoutMs: number,
  ): SessionSettings => ({
    url,
    applicationName,
    connectTimeoutMs: 10_000,
    lockTimeoutMs,
    statementTimeoutMs,
  })
  return {
    admin: make(urls.admin, 'rehearsal', 0, 0),
    migrator: make(urls.migrator, 'slipway-migrate', 500, 600_000),
    app: make(urls.app, 'traffic', 2_000, 5_000),
  }
}
