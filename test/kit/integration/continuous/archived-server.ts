/**
 * A server that archives as the container of the database does, by the scripts of ops/postgres, and the command line of
 * the backups beside it, bundled as in its image. All of it on plain processes, under the account that a server may run as.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import postgres, { type Sql } from 'postgres'
import {
  isReachable,
  serverAccount,
  type ServerAccount,
} from '../../../../src/kit/postgres/server-account.ts'
import type { Parameters } from '../../../../src/kit/postgres/start-server.ts'
import { bundleOf, openBundles } from '../../support/bundles.ts'
import { freePort } from '../../support/free-port.ts'
import { newCluster } from '../../support/new-cluster.ts'
import type { S3Server } from '../../support/s3-server.ts'
import { placeOf, startTestServer, type TestServer } from '../../support/test-server.ts'
import { continuousTools } from './tools.ts'

const checkout = fileURLToPath(new URL('../../../..', import.meta.url))
export const cipherKey = 'a key of the archive, for tests'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

export interface ArchivedServer {
  home: string
  dataFolder: string
  /** Where pgbackrest is found, and then everything else. */
  searchPath: string
  backups: string
  repository: string
  /** As the superuser; a new connection pool of one. */
  connect: () => Sql
  start: (more?: Parameters) => Promise<void>
  /** SIGINT waits for the archiver; SIGKILL is a crash. */
  stop: (signal?: 'SIGINT' | 'SIGKILL') => Promise<void>
  /** The command line of the backups. */
  backup: (args: string[], more?: Record<string, string>) => Promise<Ended>
  spawnBackup: (args: string[], more?: Record<string, string>) => ChildProcess
  /** What a terminal gets to see of it, with the erasing of a line readable. */
  backupOnTerminal: (args: string[], more?: Record<string, string>) => Promise<string>
  /** A server in another folder, without archiving. */
  startBeside: (folder: string) => Promise<{ sql: Sql; stop: () => Promise<void> }>
  /** A folder of secrets with another key of the archive. */
  otherKey: () => Promise<string>
  log: () => Promise<string>
  close: () => Promise<void>
}

interface Options {
  environment?: Record<string, string>
  parameters?: Parameters
  /** A second repository. */
  offsite?: S3Server
}

/** As Compose hands it in: keys as secrets, and the authority where the account can read it. */
async function useOffsite(home: string, storage: S3Server | undefined): Promise<Record<string, string>> {
  if (storage === undefined) return {}
  const secrets = join(home, 'secrets')
  await writeFile(join(secrets, 'offsite_access_key_id'), storage.accessKeyId)
  await writeFile(join(secrets, 'offsite_secret_access_key'), storage.secretAccessKey)
  await cp(storage.caFile, join(home, 'ca.pem'))
  return {
    OFFSITE_S3_ENDPOINT: storage.endpoint,
    OFFSITE_S3_BUCKET: storage.bucket,
    OFFSITE_S3_PREFIX: 'ship',
    OFFSITE_S3_CA_FILE: join(home, 'ca.pem'),
    OFFSITE_S3_ACCESS_KEY_ID_FILE: join(secrets, 'offsite_access_key_id'),
    OFFSITE_S3_SECRET_ACCESS_KEY_FILE: join(secrets, 'offsite_secret_access_key'),
  }
}

/** A checkout below /root is closed to the account, and Node with it. */
async function reachableNode(home: string, account: ServerAccount): Promise<string> {
  if (isReachable(process.execPath, '-x', account)) return process.execPath
  await cp(process.execPath, join(home, 'node'))
  return join(home, 'node')
}

function tools() {
  if (continuousTools === undefined) throw new Error('pgbackrest is missing')
  return continuousTools
}

async function prepare(environment: Record<string, string>, offsite: S3Server | undefined) {
  const home = await mkdtemp(join(tmpdir(), 'slipway-archive-test-'))
  const account = await serverAccount(join(home, 'nothing'))
  await cp(join(checkout, 'ops/postgres'), join(home, 'ops'), { recursive: true })
  for (const folder of ['run', 'backup-run', 'socket', 'secrets', 'tmp', 'backups/continuous']) {
    await mkdir(join(home, folder), { recursive: true })
  }
  await writeFile(join(home, 'secrets/repo_cipher_pass'), cipherKey)
  const storage = await useOffsite(home, offsite)
  await openBundles()
  const entry = join(home, 'backup.mjs')
  await cp(bundleOf('backup'), entry)
  const node = await reachableNode(home, account)
  if (account !== undefined) spawnSync('chown', ['-R', `${account.uid}:${account.gid}`, home])
  await chmod(home, 0o700)
  const port = await freePort()
  const env = {
    PATH: [tools().server, tools().engine, process.env['PATH'] ?? ''].join(delimiter),
    TMPDIR: join(home, 'tmp'),
    PGDATA: join(home, 'data'),
    PGPORT: String(port),
    ARCHIVE_RUN: join(home, 'run'),
    ARCHIVE_REPO: join(home, 'backups/continuous'),
    ARCHIVE_SECRETS: join(home, 'secrets'),
    ARCHIVE_SOCKET: join(home, 'socket'),
    ARCHIVE_RETRY_SECONDS: '1',
    ...storage,
    ...environment,
  }
  return { home, account, entry, node, port, env }
}

type Place = Awaited<ReturnType<typeof prepare>>

function parametersOf({ home }: Place): Parameters {
  return {
    unix_socket_directories: join(home, 'socket'),
    archive_mode: 'on',
    archive_command: `${join(home, 'ops/pgbackrest-push.sh')} %p`,
    archive_timeout: '10s',
    track_commit_timestamp: 'on',
    timezone: 'UTC',
  }
}

async function startBeside(folder: string) {
  const server = await startTestServer(await placeOf(tools().server, folder))
  const sql = clientOf(server.port, 'slipway')
  return {
    sql,
    stop: async () => {
      await sql.end({ timeout: 1 })
      await server.stop('SIGINT')
    },
  }
}

function clientOf(port: number, database: string): Sql {
  return postgres({ host: '127.0.0.1', port, user: 'postgres', database, max: 1, onnotice: () => undefined })
}

export async function openArchivedServer({
  environment = {},
  parameters,
  offsite,
}: Options = {}): Promise<ArchivedServer> {
  const place = await prepare(environment, offsite)
  const { home, account, entry, node, port, env } = place
  const connect = (database = 'slipway') => clientOf(port, database)
  let server: TestServer | undefined
  let keeper: ChildProcess | undefined
  const serverPlace = { ...(await placeOf(tools().server, env.PGDATA)), log: join(home, 'log') }

  const start = async (more?: Parameters): Promise<void> => {
    keeper = spawn(
      '/bin/sh',
      ['-c', `exec ${join(home, 'ops/keep-archive.sh')} >>${join(home, 'keeper.log')} 2>&1`],
      { ...account, cwd: home, env, detached: true },
    )
    server = await startTestServer(serverPlace, {
      port,
      environment: env,
      parameters: { ...parametersOf(place), ...parameters, ...more },
    })
  }

  const stop = async (signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> => {
    if (keeper?.pid !== undefined && keeper.exitCode === null) {
      try {
        process.kill(-keeper.pid, 'SIGKILL')
      } catch {
        /* it has just ended by itself */
      }
    }
    await server?.stop(signal)
  }

  const spawnWith = (program: string, args: string[], more: Record<string, string>): ChildProcess =>
    spawn(program, args, {
      ...account,
      cwd: home,
      detached: true,
      env: {
        ...env,
        ARCHIVE_RUN: join(home, 'backup-run'),
        DATABASE_URL: `postgres://backup:secret@127.0.0.1:${port}/slipway`,
        BACKUP_FOLDER: join(home, 'backups'),
        BACKUP_DATA_FOLDER: env.PGDATA,
        BACKUP_RUN_FOLDER: join(home, 'backup-run'),
        BACKUP_ARCHIVE_CONFIG: join(home, 'ops/archive-config.sh'),
        BACKUP_PG_BIN: tools().server,
        ...more,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })

  const spawnBackup = (args: string[], more: Record<string, string> = {}): ChildProcess =>
    spawnWith(node, [entry, ...args], more)

  const backupOnTerminal = async (args: string[], more: Record<string, string> = {}): Promise<string> => {
    const command = [node, entry, ...args].map((word) => `'${word}'`).join(' ')
    const { stdout } = spawnWith('script', ['--quiet', '--return', '--command', command, '/dev/null'], more)
    return stdout === null ? '' : (await text(stdout)).replaceAll('\r\u001b[K', '<erased>')
  }

  const backup = async (args: string[], more: Record<string, string> = {}): Promise<Ended> => {
    const child = spawnBackup(args, more)
    if (child.stdout === null || child.stderr === null) throw new Error('no output')
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close') as Promise<[number | null]>,
      text(child.stdout),
      text(child.stderr),
    ])
    return { code, stdout: stdout.trim(), stderr: stderr.trim() }
  }

  await newCluster(serverPlace, 'trust')
  await start()
  const admin = connect('postgres')
  await admin.unsafe('CREATE DATABASE slipway')
  const inside = connect()
  await inside.unsafe(await readFile(join(checkout, 'ops/postgres/roles.sql'), 'utf8'))
  await inside.end()
  await admin.unsafe(await readFile(join(checkout, 'ops/postgres/archive-roles.sql'), 'utf8'))
  await admin.end()
  return {
    home,
    dataFolder: env.PGDATA,
    searchPath: env.PATH,
    backups: join(home, 'backups'),
    repository: env.ARCHIVE_REPO,
    connect: () => connect(),
    start,
    stop,
    backup,
    spawnBackup,
    backupOnTerminal,
    startBeside,
    otherKey: async () => {
      await mkdir(join(home, 'other'), { recursive: true })
      await writeFile(join(home, 'other/repo_cipher_pass'), 'not that key')
      return join(home, 'other')
    },
    log: async () =>
      `${await readFile(join(home, 'log'), 'utf8')}${await readFile(join(home, 'keeper.log'), 'utf8')}`,
    close: async () => {
      await stop('SIGKILL')
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** An empty folder that the server's account may fill. */
export async function emptyFolder(server: ArchivedServer, name: string): Promise<string> {
  const folder = join(server.home, name)
  // The children of a server that was killed may still write for a moment.
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  await mkdir(folder, { mode: 0o700 })
  const account = await serverAccount(server.dataFolder)
  const owner = account ?? (await serverAccount(server.home))
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid)
  return folder
}
