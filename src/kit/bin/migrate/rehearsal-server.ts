import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { openEmbeddedServer, type EmbeddedServer } from '../../postgres/embedded-server.ts'
import { loginRoles, provisionRoles, type RolePasswords } from '../../postgres/provision-roles.ts'
import { sessionDefaults } from '../../postgres/session-defaults.ts'
import type { AppError } from '../../errors.ts'
import type { RehearsalSettings } from '../../migrate/rehearse/rehearse.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

/**
 * Runs `work` on a disposable PostgreSQL and removes it afterwards. After SIGTERM or SIGINT it removes the server too
 * and throws their CommandError.
 */
export async function onDisposableServer<T>(
  work: (urls: RehearsalSettings['urls']) => Promise<T>,
): Promise<T> {
  const signal = abortOnSignal()
  const home = await mkdtemp(join(tmpdir(), 'slipway-rehearsal-'))
  const superuserPassword = randomBytes(16).toString('hex')
  try {
    const server = await openOnSomePort(home, superuserPassword)
    try {
      const working = provision(server, superuserPassword).then(work)
      return await Promise.race([working, rejectOnAbort(signal)])
    } finally {
      // The server runs in its own session, so Ctrl-C does not reach it.
      await server.close()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function rejectOnAbort(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort')
  throw signal.reason as Error
}

const parameters = { max_connections: '300', shared_buffers: '128MB', max_wal_size: '4GB', autovacuum: 'off' }

/** Retries with other ports: PostgreSQL cannot choose a free one, and a guessed one may be taken. */
async function openOnSomePort(home: string, superuserPassword: string): Promise<EmbeddedServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    try {
      return await openEmbeddedServer({ home, port, superuserPassword, durable: false, parameters })
    } catch (err) {
      const isTaken = /Address already in use/.test(String((err as AppError).hint))
      if (!isTaken || attempt === 5) throw err
    }
  }
}

async function provision(
  server: EmbeddedServer,
  superuserPassword: string,
): Promise<RehearsalSettings['urls']> {
  const passwords = loginRoles.map((role) => [role, randomBytes(16).toString('hex')])
  const passwordOf = Object.fromEntries(passwords) as RolePasswords
  const urlOf = (role: string, password: string, database = 'rehearsal'): string =>
    `postgres://${role}:${password}@127.0.0.1:${server.port}/${database}`
  const options = { max: 1, connection: sessionDefaults, onnotice: () => undefined }
  const first = postgres(urlOf('postgres', superuserPassword, 'postgres'), options)
  await first.unsafe('create database rehearsal')
  await first.end({ timeout: 5 })
  const admin = urlOf('postgres', superuserPassword)
  const sql = postgres(admin, options)
  await provisionRoles(
    sql,
    await readFile(new URL('../../../../ops/postgres/roles.sql', import.meta.url), 'utf8'),
    passwordOf,
  )
  await sql.end({ timeout: 5 })
  return { admin, migrator: urlOf('migrator', passwordOf.migrator), app: urlOf('app', passwordOf.app) }
}
