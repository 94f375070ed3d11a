import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { postmasterStatus, stopPostmaster } from './postmaster-pid.ts'
import { scrubText } from '../telemetry/scrub.ts'
import { CommandError } from '../errors.ts'
import type { ServerAccount } from './server-account.ts'
import type { Programs } from './run-program.ts'

/** Where a server of our own lives. */
export interface ServerPlace {
  work: string
  data: string
  log: string
  /** Where the server's socket is: on its own, since the length of its path is limited. */
  sockets: string
  account: ServerAccount
  /** What its faults call it, and where they send the reader. */
  wording: { server: string; volume: string; logHint: string }
}

/** A name and its value, as on the command line of the server. */
export type Parameters = Record<string, string>

export interface ThrowAwayServer {
  sockets: string
  urlFor: (role: string, database: string) => string
  /** The same promise; when it fails because the server is gone, with the server's own last words. */
  explained: <T>(work: Promise<T>) => Promise<T>
  /** Ends it and waits; `immediate` for one whose data nobody will read again. */
  close: (how: 'clean' | 'immediate') => Promise<void>
}

/** Durability is of no use here, nothing may leave, and memory is what the container has. */
const parameters: Parameters = {
  listen_addresses: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '40',
  archive_mode: 'off',
  autovacuum: 'off',
  max_locks_per_transaction: '256',
  jit: 'off',
  shared_buffers: '64MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '512MB',
  max_parallel_maintenance_workers: '0',
  max_parallel_workers_per_gather: '0',
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  logging_collector: 'off',
  timezone: 'UTC',
}

const environment = (programs: Programs): Record<string, string> => ({
  PATH: programs.searchPath,
  LC_ALL: 'C',
  TZ: 'UTC',
})

const start = (place: ServerPlace, programs: Programs, name: string, args: string[], log: FileHandle) =>
  spawn(programs.folder === '' ? name : join(programs.folder, name), args, {
    ...place.account,
    cwd: '/',
    env: environment(programs),
    stdio: ['ignore', log.fd, log.fd],
  })

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once('exit', resolve)
    child.once('error', reject)
  })

/** Why the server did not come up, in its own words. */
const lastWords = async (place: ServerPlace): Promise<string> => {
  const lines = (await readFile(place.log, 'utf8').catch(() => '')).trimEnd().split('\n')
  const telling = lines.filter((line) => /(FATAL|PANIC|ERROR|HINT):|error:/.test(line))
  return scrubText((telling.length > 0 ? telling : lines).slice(-3).join(' | ')).slice(0, 1_000)
}

const outOfSpace = /No space left on device|Disk quota exceeded/

const serverFault = async (place: ServerPlace, what: string): Promise<CommandError> => {
  const words = await lastWords(place)
  return outOfSpace.test(words)
    ? new CommandError('no_space', `${place.wording.volume} is full`, {
        hint: 'free space on the disk of the engine',
      })
    : new CommandError('failed', `${what}: ${words}`, { hint: place.wording.logHint })
}

/** As the container of the database makes its own. */
const usualShape = ['--encoding=UTF8', '--locale=C.UTF-8']

/** An empty cluster. Who may log in is for whoever starts it to say. */
export const makeCluster = async (
  place: ServerPlace,
  programs: Programs,
  shape: string[] = usualShape,
): Promise<void> => {
  const log = await open(place.log, 'a', 0o600)
  try {
    const args = [`--pgdata=${place.data}`, '--username=postgres', '--auth=trust', '--data-checksums']
    const child = start(place, programs, 'initdb', [...args, ...shape, '--no-sync', '--no-instructions'], log)
    if ((await exitOf(child)) !== 0) throw await serverFault(place, 'no cluster could be made')
  } finally {
    await log.close()
  }
}

/** The settings that came with a data folder do not count, and everybody on the socket is let in: only the drill reaches it. */
const writeSettings = async (place: ServerPlace): Promise<string[]> => {
  const [config, hba] = [join(place.work, 'postgresql.conf'), join(place.work, 'pg_hba.conf')]
  await writeFile(config, '')
  await writeFile(hba, 'local all all trust\n')
  return [
    '-c',
    `config_file=${config}`,
    '-c',
    `hba_file=${hba}`,
    '-c',
    `unix_socket_directories=${place.sockets}`,
  ]
}

/** It says `standby` while it replays: then it can be asked when hot_standby is on, and not at all when it is off. */
const untilUp = async (
  place: ServerPlace,
  child: ChildProcess,
  wanted: string[],
  signal: AbortSignal,
): Promise<void> => {
  while (!wanted.includes(await postmasterStatus(place.data, child.pid ?? 0))) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw await serverFault(place, `${place.wording.server} ended at its start`)
    }
    await pause(50, undefined, { signal })
  }
}

const urlFor = (sockets: string, role: string, database: string): string =>
  `postgres://${encodeURIComponent(role)}@localhost:5432/${encodeURIComponent(database)}?host=${encodeURIComponent(sockets)}`

const argumentsOf = async (place: ServerPlace, more: Parameters): Promise<string[]> => {
  const settings = Object.entries({ ...parameters, ...more }).map(([name, value]) => `${name}=${value}`)
  return ['-D', place.data, ...(await writeSettings(place)), ...settings.flatMap((each) => ['-c', each])]
}

const stop = async (
  child: ChildProcess,
  ended: Promise<unknown>,
  how: 'clean' | 'immediate',
): Promise<void> => {
  if (how === 'immediate') {
    child.kill('SIGQUIT')
    await stopPostmaster(child.pid ?? 0)
  }
  // However long its last checkpoint takes: one that is cut short leaves a cluster that cannot be used.
  else child.kill('SIGINT')
  await ended
}

/** PostgreSQL on a socket that only the drill knows, with the data folder that is there. Waits as long as `signal` lets it. */
export const openThrowAwayServer = async (
  place: ServerPlace,
  programs: Programs,
  more: Parameters,
  signal: AbortSignal,
): Promise<ThrowAwayServer> => {
  const log = await open(place.log, 'a', 0o600)
  const child = start(place, programs, 'postgres', await argumentsOf(place, more), log)
  await log.close()
  const ended = exitOf(child).catch(() => null)
  // Whoever reads from it hears of the abort by the end of the connection.
  signal.addEventListener('abort', () => child.kill('SIGQUIT'))
  const close: ThrowAwayServer['close'] = (how) => stop(child, ended, how)
  try {
    await untilUp(place, child, more['hot_standby'] === 'on' ? ['standby', 'ready'] : ['ready'], signal)
  } catch (err) {
    if (child.pid !== undefined) await close('immediate')
    throw err
  }
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (err) {
      // It hangs up before it has ended.
      const isOver =
        !(err instanceof CommandError) && (await Promise.race([ended.then(() => true), pause(1_000, false)]))
      throw isOver ? await serverFault(place, `${place.wording.server} ended`) : err
    }
  }
  return {
    sockets: place.sockets,
    urlFor: (role, database) => urlFor(place.sockets, role, database),
    explained,
    close,
  }
}

export const removeSockets = (place: ServerPlace): Promise<void> =>
  rm(place.sockets, { recursive: true, force: true })
