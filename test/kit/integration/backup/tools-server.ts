import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { fileURLToPath } from 'node:url'
import { provisionRoles, type RolePasswords } from '../../../../src/kit/postgres/provision-roles.ts'
import type { Parameters } from '../../../../src/kit/postgres/start-server.ts'
import { freePort } from '../../support/free-port.ts'
import { moveWal } from '../../support/move-wal.ts'
import { newCluster } from '../../support/new-cluster.ts'
import { urlOf, type AnyRole, type PostgresFacts } from '../../support/postgres-facts.ts'
import { randomPassword } from '../../support/random-password.ts'
import { placeOf, startTestServer, type TestServer } from '../../support/test-server.ts'
import { openClient } from './open-client.ts'

const rolesFile = new URL('../../../../ops/postgres/roles.sql', import.meta.url)
const migrationsFolder = fileURLToPath(new URL('../../../../migrations', import.meta.url))

export interface ToolsServer {
  /** Folder of the programs; for BACKUP_PG_BIN. */
  tools: string
  port: number
  /** Makes a database with roles and migrations as production has them. */
  createDatabase: (name: string) => Promise<(role: AnyRole) => string>
  urlFor: (role: AnyRole, database: string) => string
  passwords: RolePasswords
  dataFolder: string
  /** Ends the server by a signal (SIGINT is a clean stop, SIGKILL a crash) and resolves when it is gone. */
  stop: (signal: 'SIGINT' | 'SIGKILL') => Promise<void>
  start: () => Promise<void>
  close: () => Promise<void>
}

const usualParameters: Parameters = { jit: 'off', max_connections: '150' }

interface ServerOptions {
  /** Instead of a new one in the temporary folder; a small disk, for instance. */
  home?: string
  /** An empty folder for the write-ahead log, where that is to be on another disk. */
  logFolder?: string
  parameters?: Parameters
}

/** A disposable server of the same major as its pg_dump. */
export async function openToolsServer(
  tools: string,
  { home: given, logFolder, parameters }: ServerOptions = {},
): Promise<ToolsServer> {
  const home = given ?? (await mkdtemp(join(tmpdir(), 'slipway-backup-test-')))
  await chmod(home, 0o755)
  const place = await placeOf(tools, join(home, 'data'))
  const facts: PostgresFacts = {
    kind: 'embedded',
    host: '127.0.0.1',
    port: await freePort(),
    superuserPassword: await newCluster(place),
    rolePasswords: passwords(),
    templates: { mounted: '', fixture: '' },
  }
  if (logFolder !== undefined) {
    moveWal(home, logFolder)
    if (place.account !== undefined) await chown(logFolder, place.account.uid, place.account.gid)
  }
  const startAgain = (): Promise<TestServer> =>
    startTestServer(place, { port: facts.port, parameters: { ...usualParameters, ...parameters } })
  let running = await startAgain()
  const stop: ToolsServer['stop'] = (signal) => running.stop(signal)
  return {
    tools,
    port: facts.port,
    dataFolder: place.data,
    urlFor: (role, database) => urlFor(facts, role, database),
    passwords: facts.rolePasswords,
    createDatabase: (name) => createDatabase(facts, name),
    stop,
    start: async () => {
      running = await startAgain()
    },
    close: async () => {
      await stop('SIGINT')
      if (given === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

function passwords(): RolePasswords {
  return {
    migrator: randomPassword(),
    app: randomPassword(),
    backup: randomPassword(),
    monitor: randomPassword(),
  }
}

function urlFor(facts: PostgresFacts, role: AnyRole, database: string): string {
  return urlOf(facts, role, encodeURIComponent(database))
}

async function createDatabase(facts: PostgresFacts, name: string): Promise<(role: AnyRole) => string> {
  const admin = openClient(urlOf(facts, 'postgres', 'postgres'))
  await admin.unsafe(`CREATE DATABASE "${name.replaceAll('"', '""')}"`)
  await admin.end({ timeout: 5 })
  const inside = openClient(urlFor(facts, 'postgres', name))
  await provisionRoles(inside, await readFile(rolesFile, 'utf8'), facts.rolePasswords)
  await inside.end({ timeout: 5 })
  const migrator = openClient(urlFor(facts, 'migrator', name))
  await migrate(drizzle(migrator), { migrationsFolder })
  await migrator.end({ timeout: 5 })
  return (role) => urlFor(facts, role, name)
}
