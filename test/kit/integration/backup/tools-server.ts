import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { provisionRoles, type RolePasswords } from '../../../../src/kit/postgres/provision-roles.ts'
import { serverAccount, type ServerAccount } from '../../../../src/kit/postgres/server-account.ts'
import { freePort } from '../../support/free-port.ts'
import { newCluster } from '../../support/new-cluster.ts'
import { urlOf, type AnyRole, type PostgresFacts } from '../../support/postgres-facts.ts'
import { randomPassword } from '../../support/random-password.ts'
import { openClient } from './open-client.ts'

const rolesFile = new URL('../../../../ops/postgres/roles.sql', import.meta.url)
const migrationsFolder = fileURLToPath(new URL('../../../../migrations', import.meta.url))
const startTimeoutMs = 30_000

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

/** Returns the password of the superuser. */
const makeCluster = async (
  tools: string,
  home: string,
  account: ServerAccount,
  logFolder: string | undefined,
): Promise<string> => {
  if (account !== undefined) await chown(home, account.uid, account.gid)
  const data = join(home, 'd')
  const options = ['-A', 'scram-sha-256', '--data-checksums']
  const password = await newCluster({ initdb: join(tools, 'initdb'), options, account }, data)
  if (logFolder === undefined) return password
  // As `initdb --waldir` leaves it.
  await promisify(execFile)('cp', ['-a', `${join(data, 'pg_wal')}/.`, logFolder])
  await rm(join(data, 'pg_wal'), { recursive: true })
  await symlink(logFolder, join(data, 'pg_wal'))
  return password
}

const untilItAnswers = async (url: string): Promise<void> => {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const sql = openClient(url)
    try {
      await sql`select 1`
      return
    } catch (err) {
      if (Date.now() > deadline) throw err
      await pause(50)
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
}

interface Running {
  stop: ToolsServer['stop']
}

const startServer = async (
  tools: string,
  home: string,
  facts: PostgresFacts,
  account: ServerAccount,
  more: string[],
): Promise<Running> => {
  const parameters = [
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=`,
    'fsync=off',
    'jit=off',
    'max_connections=150',
    ...more,
  ]
  const args = [
    '-D',
    join(home, 'd'),
    '-p',
    String(facts.port),
    ...parameters.flatMap((each) => ['-c', each]),
  ]
  const child = spawn(join(tools, 'postgres'), args, { ...account, cwd: '/', stdio: 'ignore' })
  const killAtExit = (): void => void child.kill('SIGQUIT')
  process.once('exit', killAtExit)
  await untilItAnswers(urlOf(facts, 'postgres', 'postgres'))
  return {
    stop: async (signal) => {
      const isRunning = child.exitCode === null && child.signalCode === null
      const ended = isRunning ? once(child, 'exit') : Promise.resolve()
      child.kill(signal)
      await ended
      process.off('exit', killAtExit)
    },
  }
}

interface ServerOptions {
  /** Instead of a new one in the temporary folder; a small disk, for instance. */
  home?: string
  /** An empty folder for the write-ahead log, where that is to be on another disk. */
  logFolder?: string
  /** 'name=value' each. */
  parameters?: string[]
}

/** A throw-away server of the same major as its pg_dump. */
export const openToolsServer = async (
  tools: string,
  { home: given, logFolder, parameters = [] }: ServerOptions = {},
): Promise<ToolsServer> => {
  const home = given ?? (await mkdtemp(join(tmpdir(), 'slipway-backup-test-')))
  await chmod(home, 0o755)
  const account = await serverAccount(join(home, 'd'))
  const facts: PostgresFacts = {
    kind: 'embedded',
    host: '127.0.0.1',
    port: await freePort(),
    superuserPassword: await makeCluster(tools, home, account, logFolder),
    rolePasswords: passwords(),
    templates: { mounted: '', fixture: '' },
  }
  let running: Running | undefined = await startServer(tools, home, facts, account, parameters)
  const stop: ToolsServer['stop'] = async (signal) => {
    await running?.stop(signal)
    running = undefined
  }
  return {
    tools,
    port: facts.port,
    dataFolder: join(home, 'd'),
    urlFor: (role, database) => urlFor(facts, role, database),
    passwords: facts.rolePasswords,
    createDatabase: (name) => createDatabase(facts, name),
    stop,
    start: async () => {
      running = await startServer(tools, home, facts, account, parameters)
    },
    close: async () => {
      await stop('SIGINT')
      if (given === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}

const passwords = (): RolePasswords => ({
  migrator: randomPassword(),
  app: randomPassword(),
  backup: randomPassword(),
  monitor: randomPassword(),
})

const urlFor = (facts: PostgresFacts, role: AnyRole, database: string): string =>
  urlOf(facts, role, encodeURIComponent(database))

const createDatabase = async (facts: PostgresFacts, name: string): Promise<(role: AnyRole) => string> => {
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
