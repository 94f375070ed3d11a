import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerSettings } from './postgres-options.ts'

export type ProgramEnvironment = Record<string, string>

function escaped(field: string): string {
  return field.replace(/[\\:]/g, (special) => `\\${special}`)
}

/** Returns a line of libpq's password file that matches every host and database. */
export function passwordLine(user: string, password: string): string {
  return `*:*:*:${escaped(user)}:${escaped(password)}\n`
}

function hostOf(url: URL): string {
  const host = url.searchParams.get('host') ?? url.hostname.replace(/^\[|\]$/g, '')
  return host === '' ? 'localhost' : host
}

const verifying = new Set(['verify-full', 'verify-ca'])

/**
 * Without a CA file the driver trusts the system's authorities; libpq calls that `system` and requires verify-full.
 */
function tlsVariables(url: URL, caFile: string | undefined): ProgramEnvironment {
  const asked = url.searchParams.get('sslmode') ?? 'disable'
  if (caFile !== undefined) {
    return { PGSSLMODE: asked === 'verify-ca' ? 'verify-ca' : 'verify-full', PGSSLROOTCERT: caFile }
  }
  const isSystem = url.searchParams.get('sslrootcert') === 'system' || verifying.has(asked)
  return isSystem ? { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' } : { PGSSLMODE: asked }
}

/** Returns the libpq variables for the driver's server, without the password. */
export function libpqVariables(
  settings: ServerSettings,
  passwordFile: string,
  caFile?: string,
): ProgramEnvironment {
  const url = new URL(settings.url)
  return {
    PGHOST: hostOf(url),
    PGPORT: url.port === '' ? '5432' : url.port,
    PGUSER: decodeURIComponent(url.username),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    PGPASSFILE: passwordFile,
    PGAPPNAME: settings.applicationName,
    PGCONNECT_TIMEOUT: String(Math.ceil(settings.connectTimeoutMs / 1_000)),
    ...tlsVariables(url, caFile),
  }
}

/** Passes the password in a file that only this user can read: environments and arguments are visible in /proc. */
export async function withLibpqCredentials<T>(
  settings: ServerSettings,
  use: (environment: ProgramEnvironment) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-backup-'))
  try {
    const url = new URL(settings.url)
    const passwordFile = join(folder, 'password')
    const line = passwordLine(decodeURIComponent(url.username), decodeURIComponent(url.password))
    await writeFile(passwordFile, line, { mode: 0o600 })
    const caFile = settings.ca === undefined ? undefined : join(folder, 'ca.pem')
    if (caFile !== undefined) await writeFile(caFile, settings.ca ?? '')
    return await use(libpqVariables(settings, passwordFile, caFile))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
