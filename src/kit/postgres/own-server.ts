import type { ServerSettings } from './postgres-options.ts'

/** Settings for a server that this process has started: it is on this machine, so no setting says how long it may take to connect. */
export function ownServer(url: string, applicationName: string): ServerSettings {
  return { url, applicationName, connectTimeoutMs: 5_000 }
}
