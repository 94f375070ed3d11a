import { isIP } from 'node:net'
import type { Options, PostgresType } from 'postgres'
import { sessionParameters, type SessionSettings } from './session-parameters.ts'

/** A database and how to reach it. */
export interface ServerSettings {
  /** postgres://user:password@host:port/database, already checked by src/kit/config. */
  url: string
  /** Name in pg_stat_activity: one per process kind. */
  applicationName: string
  /** PEM of the authority that signed the server's certificate; its presence turns verification on. */
  ca?: string | undefined
  connectTimeoutMs: number
}

export interface DatabaseSettings extends ServerSettings, SessionSettings {
  poolSize: number
  /** false behind a PgBouncer before 1.21 in transaction mode. */
  prepare: boolean
  /** Ends a statement that the server does not end by itself, and replaces its connection. Off when absent. */
  queryTimeoutMs?: number | undefined
  onNotice?: ((notice: { code?: string; message?: string }) => void) | undefined
}

export type PostgresOptions = Options<Record<string, PostgresType>>

/** Parameters of the URL for this client; every other one is sent to the server. */
const clientParameters = ['sslmode', 'sslrootcert', 'channel_binding', 'connect_timeout', 'host']

function isVerified(mode: string | null, settings: DatabaseSettings): boolean {
  return settings.ca !== undefined || mode === 'verify-full' || mode === 'verify-ca'
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname === '' ? 'localhost' : url.hostname.replace(/^\[|\]$/g, '')
}

function tlsOptions(url: URL, settings: DatabaseSettings): PostgresOptions['ssl'] {
  const mode =
    url.searchParams.get('sslrootcert') === 'system' ? 'verify-full' : url.searchParams.get('sslmode')
  if (isVerified(mode, settings)) {
    return {
      rejectUnauthorized: true,
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
      // Node compares the certificate with `localhost` when it is given neither a server name nor a host.
      ...(isIP(hostOf(url)) === 0 ? {} : { host: hostOf(url) }),
      ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    }
  }
  if (mode === 'require' || mode === 'prefer' || mode === 'allow') return mode
  return false
}

function serverParameters(url: URL, settings: DatabaseSettings): Record<string, string> {
  return {
    ...Object.fromEntries([...url.searchParams].filter(([name]) => !clientParameters.includes(name))),
    application_name: settings.applicationName,
    ...sessionParameters(settings),
  }
}

/**
 * Builds the driver's options, all of them explicit: postgres.js would fill gaps from PG* variables, and prints a URL
 * that it cannot parse.
 */
export function postgresOptions(settings: DatabaseSettings): PostgresOptions {
  const url = new URL(settings.url)
  const folder = url.searchParams.get('host')
  const port = url.port === '' ? 5432 : Number(url.port)
  return {
    host: hostOf(url),
    port,
    ...(folder === null ? {} : { path: `${folder}/.s.PGSQL.${port}` }),
    database: decodeURIComponent(url.pathname.slice(1)),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ssl: tlsOptions(url, settings) ?? false,
    max: settings.poolSize,
    connect_timeout: settings.connectTimeoutMs / 1_000,
    prepare: settings.prepare,
    // Known to the patched driver alone.
    query_timeout: settings.queryTimeoutMs === undefined ? null : settings.queryTimeoutMs / 1_000,
    // The driver's own backoff grows to 20 s, so the pool would stay disconnected long after the server is back.
    backoff: () => 0.05 + Math.random() * 0.2,
    // Pipelining would queue a fast query behind a slow one; 0 breaks every transaction.
    max_pipeline: 1,
    onnotice: settings.onNotice ?? (() => undefined),
    connection: serverParameters(url, settings),
  } as PostgresOptions
}
