import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import postgres from 'postgres'
import { embeddedHome } from '../postgres/embedded-home.ts'
import { openEmbeddedServer, type EmbeddedServer } from '../postgres/embedded-server.ts'
import { provisionRoles, type LoginRole } from '../postgres/provision-roles.ts'
import { sessionDefaults } from '../postgres/session-defaults.ts'
import { runMigrations } from '../migrate/run-migrations.ts'
import type { Logger } from '../telemetry/logger.ts'
import { loadState, saveState, type EmbeddedState } from './embedded-state.ts'
import { usualLimits } from './migrate/run-limits.ts'

export interface EmbeddedDatabase extends EmbeddedServer {
  authSecret: string
  urlFor: (role: LoginRole) => string
}

interface Wish {
  folder: string
  port: number | undefined
}

const databaseName = 'slipway'

function isFree(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const got = (server.address() as AddressInfo).port
      server.close(() => resolve(got))
    })
  })
}

/** Returns the port of the last start when it is free, so that an open psql command still connects. */
async function choosePort(wished: number | undefined, remembered: number | undefined): Promise<number> {
  return wished ?? (await isFree(remembered ?? 0)) ?? (await isFree(0)) ?? 5432
}

function urlOf(server: EmbeddedServer, role: string, password: string, database: string): string {
  return `postgres://${role}:${password}@127.0.0.1:${server.port}/${database}`
}

async function createDatabase(server: EmbeddedServer, state: EmbeddedState): Promise<void> {
  const options = { max: 1, connection: sessionDefaults, onnotice: () => undefined }
  const admin = postgres(urlOf(server, 'postgres', state.superuserPassword, 'postgres'), options)
  const [found] = await admin`select 1 from pg_database where datname = ${databaseName}`
  if (found === undefined) await admin.unsafe(`CREATE DATABASE ${databaseName}`)
  await admin.end({ timeout: 5 })
  const owner = postgres(urlOf(server, 'postgres', state.superuserPassword, databaseName), options)
  await provisionRoles(owner, await readFile('ops/postgres/roles.sql', 'utf8'), state.rolePasswords)
  await owner.end({ timeout: 5 })
}

async function prepare(
  server: EmbeddedServer,
  state: EmbeddedState,
  logger: Logger,
): Promise<EmbeddedDatabase> {
  await createDatabase(server, state)
  const urlFor = (role: LoginRole): string => urlOf(server, role, state.rolePasswords[role], databaseName)
  await runMigrations({
    ...usualLimits(),
    url: urlFor('migrator'),
    folder: 'migrations',
    report: ({ msg, ...fields }) => logger.info({ ...fields, part: 'migrate' }, msg),
  })
  return { ...server, authSecret: state.authSecret, urlFor }
}

/** Starts PostgreSQL from npm with the production roles and migrations; its data stays in `folder`. */
export async function openEmbeddedDatabase(target: Wish, logger: Logger): Promise<EmbeddedDatabase> {
  const home = await embeddedHome(`${target.folder}/postgres`)
  const state = await loadState(target.folder, home)
  const port = await choosePort(target.port, state.postgresPort)
  await saveState(target.folder, { ...state, postgresPort: port })
  const server = await openEmbeddedServer({
    home,
    port,
    superuserPassword: state.superuserPassword,
    durable: true,
    parameters: { shared_buffers: '64MB', client_connection_check_interval: '2s' },
  })
  try {
    return await prepare(server, state, logger)
  } catch (err) {
    await server.close()
    throw err
  }
}
